import { openRunDirectory } from 'local-aws/testing';

export default async function beforeAllTests(): Promise<void> {
  // The SDK's releases are pinned to ones that support every Node.js release that the tools support.
  process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true';
  await openRunDirectory();
}
