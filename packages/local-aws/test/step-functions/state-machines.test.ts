import {
  CreateStateMachineCommand,
  DeleteStateMachineCommand,
  DescribeExecutionCommand,
  DescribeStateMachineCommand,
  DescribeStateMachineForExecutionCommand,
  ListStateMachinesCommand,
  ListTagsForResourceCommand,
  StartExecutionCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateStateMachineCommand,
  ValidateStateMachineDefinitionCommand,
} from '@aws-sdk/client-sfn';
import { detailsOf, singleState } from '../../src/testing/step-functions';
import { closeServed, serve } from './served-engine';

afterEach(closeServed);

const roleArn = 'arn:aws:iam::111122223333:role/machines';
const passing = (result: unknown): object => singleState({ Type: 'Pass', Result: result });
const text = (definition: object): string => JSON.stringify(definition);

describe('CreateStateMachine', () => {
  test('is idempotent by name and definition, and ignores another role and other tags', async () => {
    const { client } = await serve(passing(0));
    const create = (fields: object): Promise<{ stateMachineArn?: string | undefined }> =>
      client.send(
        new CreateStateMachineCommand({ name: 'made', definition: text(passing(1)), roleArn, ...fields }),
      );
    const { stateMachineArn = '' } = await create({ tags: [{ key: 'team', value: 'data' }] });
    const again = await create({ roleArn: `${roleArn}-2`, tags: [{ key: 'team', value: 'other' }] });
    expect(again.stateMachineArn).toBe(stateMachineArn);
    const described = await client.send(new DescribeStateMachineCommand({ stateMachineArn }));
    expect(described).toMatchObject({ roleArn, status: 'ACTIVE', definition: text(passing(1)) });
    expect(described.revisionId).toBeUndefined();
    const { tags } = await client.send(new ListTagsForResourceCommand({ resourceArn: stateMachineArn }));
    expect(tags).toEqual([{ key: 'team', value: 'data' }]);
    // Definitions are compared as text.
    const reformatted = create({ definition: JSON.stringify(passing(1), null, 2) });
    await expect(reformatted).rejects.toMatchObject({ name: 'StateMachineAlreadyExists' });
  });

  test.each([
    [
      { loggingConfiguration: { level: 'ALL' } },
      'ValidationException',
      /'loggingConfiguration'.*ALL.*not sup/,
    ],
    [
      { loggingConfiguration: { level: 'OFF', destinations: [{ cloudWatchLogsLogGroup: {} }] } },
      'ValidationException',
      /^'loggingConfiguration' {"destinations":\[.*\]} is not supported \(supported: {"level":"OFF",/,
    ],
    [{ tracingConfiguration: { enabled: true } }, 'ValidationException', /'tracingConfiguration'/],
    [
      { encryptionConfiguration: { type: 'AWS_OWNED_KEY', kmsKeyId: 'k' } },
      'ValidationException',
      /'encryptionConfiguration' {"kmsKeyId":"k"} is not supported/,
    ],
    [{ publish: true }, 'ValidationException', /'publish' true is not supported/],
    [{ type: 'EXPRESS' }, 'StateMachineTypeNotSupported', /EXPRESS/],
    [{ roleArn: 'me' }, 'InvalidArn', /Invalid Role Arn: 'me'/],
    [{ name: 'a😀' }, 'InvalidName', /surrogates/],
    [{ tags: [{ key: 'aws:x', value: '' }] }, 'ValidationException', /must not start with aws:/],
  ])('refuses values that would have no effect: %j', async (fields, name, message) => {
    const { client } = await serve(passing(0));
    const create = new CreateStateMachineCommand({
      ...{ name: 'made', definition: text(passing(1)), roleArn },
      ...(fields as object),
    });
    const error = (await client.send(create).catch((thrown: unknown) => thrown)) as Error;
    expect(error.name).toBe(name);
    expect(error.message).toMatch(message);
  });
});

test.each([
  [{ loggingConfiguration: {} }],
  [{ loggingConfiguration: { includeExecutionData: false, level: 'OFF' } }],
  [{ loggingConfiguration: { destinations: [], level: 'OFF' } }],
  [{ tracingConfiguration: {}, encryptionConfiguration: { type: 'AWS_OWNED_KEY' } }],
])('default values are accepted in any order: %j', async (fields) => {
  const { client } = await serve(passing(0));
  const made = { name: 'made', definition: text(passing(1)), roleArn, ...(fields as object) };
  const { stateMachineArn = '' } = await client.send(new CreateStateMachineCommand(made));
  expect(await client.send(new DescribeStateMachineCommand({ stateMachineArn }))).toMatchObject({
    loggingConfiguration: { level: 'OFF', includeExecutionData: false },
    tracingConfiguration: { enabled: false },
    encryptionConfiguration: { type: 'AWS_OWNED_KEY' },
  });
});

describe('UpdateStateMachine', () => {
  test('changes the definition and role of later executions, but not of running ones', async () => {
    const before = singleState({ Type: 'Wait', Seconds: 600 });
    const { client, engine, stateMachineArn } = await serve(before);
    const { executionArn = '' } = await client.send(new StartExecutionCommand({ stateMachineArn }));
    const definition = text(passing('new'));
    const updated = await client.send(
      new UpdateStateMachineCommand({ stateMachineArn, definition, roleArn }),
    );
    expect(updated.updateDate).toBeInstanceOf(Date);
    expect(await client.send(new DescribeStateMachineCommand({ stateMachineArn }))).toMatchObject({
      definition,
      roleArn,
      revisionId: updated.revisionId,
    });
    const forOld = await client.send(new DescribeStateMachineForExecutionCommand({ executionArn }));
    expect(forOld).toMatchObject({ stateMachineArn, name: 'served', definition: text(before) });
    expect(forOld.encryptionConfiguration).toEqual({ type: 'AWS_OWNED_KEY' });
    const { executionArn: later } = engine.startExecution({ stateMachineArn });
    expect(await engine.settled(later)).toMatchObject({ output: '"new"' });
    expect(detailsOf(engine.inspect(later).events[0])['roleArn']).toBe(roleArn);
    // As recorded on AWS, an update without a change keeps the revision.
    const repeated = await client.send(new UpdateStateMachineCommand({ stateMachineArn, definition }));
    expect(repeated.revisionId).toBe(updated.revisionId);
  });

  test('requires a definition or a role, and refuses an invalid definition', async () => {
    const { client, stateMachineArn } = await serve(passing(0));
    const update = (fields: object): Promise<unknown> =>
      client.send(new UpdateStateMachineCommand({ stateMachineArn, ...fields }));
    await expect(update({})).rejects.toMatchObject({ name: 'MissingRequiredParameter' });
    await expect(update({ definition: '{}' })).rejects.toMatchObject({ name: 'InvalidDefinition' });
    await expect(update({ stateMachineArn: `${stateMachineArn}/Each`, roleArn })).rejects.toMatchObject({
      name: 'ValidationException',
    });
    await expect(update({ stateMachineArn: `${stateMachineArn}-2`, roleArn })).rejects.toMatchObject({
      name: 'StateMachineDoesNotExist',
    });
  });
});

test('a deleted machine is DELETING until its executions end, at their next transition', async () => {
  let release: (value: string) => void = () => undefined;
  const definition = {
    StartAt: 'Work',
    States: {
      Work: {
        Type: 'Task',
        Resource: 'arn:aws:lambda:eu-west-1:111122223333:function:work',
        Next: 'Never',
      },
      Never: { Type: 'Pass', End: true },
    },
  };
  const { client, engine, stateMachineArn } = await serve(definition, {
    work: () => new Promise((resolve) => (release = resolve)),
  });
  const { executionArn = '' } = await client.send(new StartExecutionCommand({ stateMachineArn }));
  await client.send(new DeleteStateMachineCommand({ stateMachineArn }));
  const described = await client.send(new DescribeStateMachineCommand({ stateMachineArn }));
  expect(described.status).toBe('DELETING');
  await expect(client.send(new StartExecutionCommand({ stateMachineArn }))).rejects.toMatchObject({
    name: 'StateMachineDeleting',
  });
  const again = { name: 'served', definition: text(definition), roleArn };
  await expect(client.send(new CreateStateMachineCommand(again))).rejects.toMatchObject({
    name: 'StateMachineDeleting',
  });
  release('done');
  expect((await engine.settled(executionArn)).status).toBe('ABORTED');
  expect(engine.inspect(executionArn).events.map(({ type }) => type)).not.toContain('PassStateEntered');
  await expect(client.send(new DescribeStateMachineCommand({ stateMachineArn }))).rejects.toMatchObject({
    name: 'StateMachineDoesNotExist',
  });
  expect((await client.send(new ListStateMachinesCommand({}))).stateMachines).toEqual([]);
  // As recorded on AWS, deleting a missing state machine succeeds.
  await client.send(new DeleteStateMachineCommand({ stateMachineArn }));
});

test('METADATA_ONLY omits definitions, inputs and outputs', async () => {
  const { client, engine, stateMachineArn } = await serve(passing('secret'));
  const { executionArn } = engine.startExecution({ stateMachineArn, input: 'secret' });
  await engine.settled(executionArn);
  const includedData = 'METADATA_ONLY';
  const machine = await client.send(new DescribeStateMachineCommand({ stateMachineArn, includedData }));
  expect(machine.definition).toBe('{}');
  const execution = await client.send(new DescribeExecutionCommand({ executionArn, includedData }));
  expect(execution).toMatchObject({ inputDetails: { included: false }, outputDetails: { included: false } });
  expect(JSON.stringify([machine, execution])).not.toContain('secret');
});

test('tags can be added and removed, up to 50', async () => {
  const { client, stateMachineArn: resourceArn } = await serve(passing(0));
  const tags = Array.from({ length: 50 }, (_tag, index) => ({ key: `k${index}`, value: `v${index}` }));
  await client.send(new TagResourceCommand({ resourceArn, tags }));
  const more = [{ key: 'one', value: 'more' }];
  await expect(client.send(new TagResourceCommand({ resourceArn, tags: more }))).rejects.toMatchObject({
    name: 'TooManyTags',
  });
  const tagKeys = tags.slice(1).map(({ key }) => key);
  await client.send(new UntagResourceCommand({ resourceArn, tagKeys }));
  const listed = await client.send(new ListTagsForResourceCommand({ resourceArn }));
  expect(listed.tags).toEqual([{ key: 'k0', value: 'v0' }]);
  const nowhere = new ListTagsForResourceCommand({ resourceArn: `${resourceArn}-2` });
  await expect(client.send(nowhere)).rejects.toMatchObject({ name: 'ResourceNotFound' });
});

test('a definition can be validated without creating anything', async () => {
  const { client } = await serve(passing(0));
  const validate = (definition: string, maxResults?: number): Promise<object> =>
    client.send(
      new ValidateStateMachineDefinitionCommand({
        definition,
        ...(maxResults === undefined ? {} : { maxResults }),
      }),
    );
  expect(await validate(text(passing(1)))).toMatchObject({ result: 'OK', diagnostics: [], truncated: false });
  const wrong = text({ StartAt: 'A', States: { A: { Type: 'Jump' }, B: { Type: 'Pass', End: true } } });
  expect(await validate(wrong, 1)).toMatchObject({
    result: 'FAIL',
    truncated: true,
    diagnostics: [
      {
        severity: 'ERROR',
        code: 'SCHEMA_VALIDATION_FAILED',
        message: expect.stringContaining("Type 'Jump' is not supported") as string,
        location: '/States/A',
      },
    ],
  });
});

const item = { StartAt: 'Inner', States: { Inner: { Type: 'Wait', End: true } } };
const choice = { Type: 'Choice', Choices: [{ Next: 'Only' }] };

test.each([
  ['no json', undefined, /^the definition is not valid JSON: /],
  ['', undefined, /^Definition must be a valid JSON object$/],
  ['[]', undefined, /^Definition must be a valid JSON object$/],
  ['{}', '/', /^These fields are required: \[States, StartAt\]$/],
  [text({ States: { A: { Type: 'Pass', End: true } } }), '/', /^These fields are required: \[StartAt\]$/],
  [
    text(singleState({ Type: 'Map', ItemProcessor: item })),
    '/States/Only/ItemProcessor/States/Inner',
    /^one of Seconds, SecondsPath, Timestamp, TimestampPath is required$/,
  ],
  [text({ StartAt: 'Only', States: { Only: choice } }), '/States/Only/Choices[0]', /^needs exactly one/],
])('%s has one diagnostic, with its place', async (definition, location, message) => {
  const { client } = await serve(passing(0));
  const { diagnostics } = await client.send(new ValidateStateMachineDefinitionCommand({ definition }));
  expect(diagnostics).toEqual([
    {
      severity: 'ERROR',
      code: definition === 'no json' ? 'INVALID_JSON_DESCRIPTION' : 'SCHEMA_VALIDATION_FAILED',
      message: expect.stringMatching(message) as string,
      ...(location === undefined ? {} : { location }),
    },
  ]);
});
