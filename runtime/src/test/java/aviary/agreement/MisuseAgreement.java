package aviary.agreement;

import org.junit.jupiter.api.Timeout;

/**
 * What every device must do with wrong calls: refuse them with one clear line, and stay as it was.
 * Engines that these tests open are closed by them.
 */
@Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
public interface MisuseAgreement extends CallMisuse, ThreadMisuse, MemoryMisuse {}
