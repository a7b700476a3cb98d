// @ts-check
/** A named refusal, as `DomainError` is one on the server: a stable code, and facts without personal data. */
export class Refusal extends Error {
  /**
   * @param {string} code
   * @param {Record<string, any>} [facts]
   */
  constructor(code, facts = {}) {
    super(code);
    this.name = "Refusal";
    this.code = code;
    this.facts = facts;
  }
}
