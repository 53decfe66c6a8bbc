/** Query parameters whose values are credentials; matched in this case (semantic conventions, `url.query`). */
const SENSITIVE =
  /(^|&)(X-Amz-Signature|X-Amz-Credential|X-Amz-Security-Token|AWSAccessKeyId|Signature|sig|X-Goog-Signature)=[^&]*/g;

/** The query with the values of credentials replaced by `REDACTED`. */
export function redactQuery(query: string): string {
  return query.replace(SENSITIVE, '$1$2=REDACTED');
}
