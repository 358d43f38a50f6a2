/** What the operator wrote (cdk.json, a definition, the command line) cannot be deployed; the message lists every problem. */
export class SettingsRefused extends Error {
  override readonly name = 'SettingsRefused';
}
