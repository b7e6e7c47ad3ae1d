package aviary.evaluation.run;

class GoldenParityTest implements GoldenParity {
  @Override
  public String device() {
    return "cpu";
  }
}
