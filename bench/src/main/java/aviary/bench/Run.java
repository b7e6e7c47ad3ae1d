package aviary.bench;

import java.util.List;

/** All that a run measured. */
public record Run(Environment environment, List<Limits> limits, List<Measurement> measurements) {}
