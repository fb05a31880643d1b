"""What the plan file asks for, checked."""
