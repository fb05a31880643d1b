"""What a questionnaire is: frozen values and pure functions, without a framework."""
