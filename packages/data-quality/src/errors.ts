/**
 * Why a check can not be evaluated: `DECLARATION` it is declared wrongly · `COLUMN` the relation lacks
 * what it is about · `VALUE` what was found can not be judged, such as an infinite mean.
 */
export type QualityErrorCode = 'DECLARATION' | 'COLUMN' | 'VALUE';

/** A check that can not be evaluated; `runChecks` makes an outcome `error` of it. */
export class QualityError extends Error {
  override readonly name = 'QualityError';
  readonly code: QualityErrorCode;

  constructor(code: QualityErrorCode, message: string, options: { readonly cause?: unknown } = {}) {
    super(message, options);
    this.code = code;
  }
}
