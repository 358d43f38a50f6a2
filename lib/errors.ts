/** The operator's settings (cdk.json, a definition, the command line) cannot be deployed; the message lists every problem. */
export class SettingsRefused extends Error {
  override readonly name = 'SettingsRefused';
}
