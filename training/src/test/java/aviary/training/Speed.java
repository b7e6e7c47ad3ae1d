package aviary.training;

import aviary.model.*;
import aviary.model.ModelConfig.Architecture;
import java.util.*;

class Speed {
  public static void main(String[] a) {
    int width = Integer.parseInt(a[0]),
        layers = Integer.parseInt(a[1]),
        V = Integer.parseInt(a[2]),
        B = Integer.parseInt(a[3]),
        T = Integer.parseInt(a[4]);
    double share = Double.parseDouble(a[5]);
    ModelConfig c =
        new ModelShape(
                Architecture.FINCH,
                layers,
                width,
                V,
                64,
                null,
                a.length > 6 ? Integer.valueOf(a[6]) : null,
                null)
            .config();
    Model m = new InitialWeights(c, 1).model(java.lang.foreign.Arena.ofAuto());
    TrainingOptions o =
        new TrainingOptions(
            1000,
            3e-3,
            TrainingOptions.Schedule.COSINE,
            100,
            0.1,
            1,
            0,
            TrainingOptions.Tuned.WEIGHTS,
            1,
            0);
    Random r = new Random(1);
    try (Learner l = new Learner(m, o)) {
      System.out.println(Inventory.of(c).parameters() + " parameters");
      for (int s = 0; s < 12; s++) {
        int[] t = r.ints(B * T, 0, V).toArray(), y = new int[B * T];
        for (int i = 0; i < y.length; i++) y[i] = r.nextDouble() < share ? r.nextInt(V) : -1;
        long t0 = System.nanoTime();
        var st = l.learn(s, new Sequences(B, T, t, y));
        double sec = (System.nanoTime() - t0) / 1e9;
        System.out.printf(
            "step %d loss %.4f norm %.3f: %.3f s, %.0f tokens/s%n",
            s, st.loss().mean(), st.gradientNorm(), sec, B * T / sec);
      }
    }
  }
}
