/** Properties of the resource types that have no effect here. Any other property of these types is refused. */
import { list, oneOf, text, type Shape } from '../aws-json';
import { anything, closed, flag, refused, TAGS } from './shapes';

/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html */
const RETENTION_DAYS = [
  ...[1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288],
  3653,
];

const retention: Shape<number | string> = {
  check(value, place, problems) {
    if (!RETENTION_DAYS.map(String).includes(String(value)))
      problems.push(`${place} must be one of ${RETENTION_DAYS.join(', ')}, not ${JSON.stringify(value)}`);
  },
};

/** CloudWatch extracts no metrics from log groups of the class INFREQUENT_ACCESS. */
const LOG_GROUP = closed(
  {},
  {
    ...{ LogGroupName: text, RetentionInDays: retention, LogGroupClass: oneOf('STANDARD') },
    ...{ DeletionProtectionEnabled: flag, Tags: TAGS },
    KmsKeyId: refused('key policies are not evaluated; leave the encryption to CloudWatch Logs'),
  },
);

export const HARMLESS_PROPERTIES: Readonly<Record<string, Shape<unknown>>> = {
  'AWS::CDK::Metadata': closed({}, { Analytics: text }),
  'AWS::CloudWatch::Dashboard': closed({ DashboardBody: text }, { DashboardName: text, Tags: TAGS }),
  'AWS::Logs::LogGroup': LOG_GROUP,
  'AWS::Logs::QueryDefinition': closed(
    { Name: text, QueryString: text },
    { LogGroupNames: list(text), QueryLanguage: text, Parameters: list(anything) },
  ),
};
