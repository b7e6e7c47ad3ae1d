package aviary.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

class ChartsTest {
  @Test
  void longNamesAreShortInChartsAndDiffer() {
    assertEquals(
        List.of("short", "RWKV-5-World…ctx4096", "RWKV-5-World…ctx4096 (2)"),
        List.copyOf(
            Charts.shortened(
                    List.of(
                        "short",
                        "RWKV-5-World-0.4B-v2-20231113-ctx4096",
                        "RWKV-5-World-1B5-v2-20231025-ctx4096"))
                .values()));
  }
}
