import type { Data } from './calls'
import type { components } from './schema'

export type Schemas = components['schemas']

export type Acknowledgement = Schemas['Acknowledgement']
export type AgentInstall = Schemas['AgentInstallOut']
export type Alert = Schemas['AlertOut']
export type AlertDetail = Schemas['AlertDetail']
export type ComingNotification = Schemas['ComingOut']
export type Explanation = Schemas['ExplanationOut']
export type ExplainedRecipient = Schemas['RecipientOut']
export type Noise = Schemas['NoiseOut']
export type SilenceEffect = Schemas['EffectOut']
export type Verdict = NonNullable<Alert['verdict']>
export type ApiKey = Schemas['ApiKeyOut']
export type AuditEntry = Schemas['AuditOut']
export type Backtest = Schemas['BacktestOut']
export type Channel = Schemas['ChannelOut']
export type ChannelChange = Schemas['ChannelChange']
export type ChannelKind = Schemas['KindOut']
export type Coverage = Schemas['CoverageOut']
export type FleetCounts = Schemas['CountsChange']
export type Import = Schemas['ImportOut']
export type ImportLine = Schemas['ImportLineOut']
export type LogInMethods = Data<'get', '/api/auth/methods'>
export type NewChannel = Schemas['NewChannel']
export type NewPersonalToken = Schemas['NewPersonalToken']
export type NewPolicy = Schemas['NewPolicy']
export type NewServer = Schemas['NewServer']
export type NewSilence = Schemas['NewSilence']
export type NewTeam = Schemas['TeamIn']
export type NewUser = Schemas['NewUser']
export type LeftPart = Schemas['PartOut']
export type Notification = Schemas['NotificationOut']
/** A row of a list, with its newest sample and its firing alerts. */
export type OrderedServer = Schemas['OrderedServer']
export type PersonalToken = Schemas['PersonalTokenOut']
export type Passkey = Schemas['PasskeyOut']
export type PasskeyAnswer = Schemas['PasskeyAnswer']
export type PasskeyCreationOptions = Schemas['PasskeyCreationOptions']
export type PasskeyRequestOptions = Schemas['PasskeyRequestOptions']
export type Policy = Schemas['PolicyOut']
export type PolicyKind = Policy['kind']
export type Outlook = Schemas['OutlookOut']
export type PolicyReach = Schemas['PolicyReach']
export type Plan = Schemas['PlanOut']
export type PlannedChange = Schemas['ChangeOut']
export type PolicyChange = Schemas['PolicyChange']
export type Profile = Schemas['Profile']
export type ProfileChange = Schemas['ProfileChange']
export type Recurrence = Schemas['RecurrenceOut']
export type Sample = Schemas['SampleOut']
export type Scope = Schemas['ScopeOut']
export type Server = Schemas['ServerOut']
export type ServingProcess = Schemas['ServingProcessOut']
export type ServerChange = Schemas['ServerChange']
export type ServerPolicy = Schemas['ServerPolicyOut']
export type Session = Schemas['SessionOut']
export type MailSettings = Schemas['MailOut']
export type MailChange = Schemas['MailChange']
export type MailTest = Schemas['MailTestOut']
export type Settings = Schemas['SettingsOut']
export type SettingsChange = Schemas['SettingsChange']
export type Silence = Schemas['SilenceOut']
/** An active silence. */
export type Silenced = Schemas['SilencedOut']
export type SilencedChange = Schemas['SilencedChange']
export type Team = Schemas['TeamOut']
export type TimelineEntry = Schemas['TimelineOut']
export type Token = Schemas['TokenOut']
/** The start of a second factor: the secret for an app, also as an address and as a picture (SVG). */
export type TotpStart = Data<'post', '/api/auth/totp'>
export type UnregisteredHost = Schemas['UnregisteredOut']
export type User = Schemas['UserOut']
export type UserChange = Schemas['UserChange']
export type UserOption = Schemas['UserOption']

type WithoutServers<T> = T extends unknown ? Omit<T, 'server_ids'> : never
/** An action on many servers. */
export type BatchAction = WithoutServers<Schemas['PostServersBatchBody']>

export type Level = Alert['level']
export type Status = Server['status']
/** The shown status: a server that never reported is not shown as offline. */
export type ShownStatus = Status | 'never'

/** One server in the live stream. Values are null before its first sample. */
export type LiveSample = Schemas['LiveSample']
/** The same without `extra` and `processes`. */
export type BriefSample = Schemas['BriefSample']
export type StatusChange = Schemas['StatusChange']
/** An alert that fired, changed its level, or ended. */
export type AlertChange = Schemas['AlertChange']

/** One column for each metric. A gap between two times means that there are no samples. */
export interface Series {
  resolution: number
  time: number[]
  coverage: number[]
  columns: Record<string, Schemas['SeriesColumn']>
}
