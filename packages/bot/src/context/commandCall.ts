/** The call of a command in a message. */
export interface CommandCall {
  /** In lower case, without the prefix. */
  readonly name: string;
  /** What follows the name. */
  readonly text: string;
}
