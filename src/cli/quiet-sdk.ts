/**
 * Suppresses the SDK's announcement of the Node.js versions that it will support. Its releases are pinned to ones that run
 * on every version that the tools support. Import this before any client.
 */
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';
