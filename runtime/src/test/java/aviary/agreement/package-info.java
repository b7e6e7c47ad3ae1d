/**
 * What every backend is tested with: the golden data of real models, and the reference on models of
 * random weights. A backend's test is one class that implements {@link
 * aviary.agreement.GoldenSuite}, {@link aviary.agreement.EngineAgreement} and {@link
 * aviary.agreement.WeightTypeAgreement} and names its device. Other modules find this package in
 * the runtime's test jar.
 */
package aviary.agreement;
