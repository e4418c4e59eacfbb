// Made by build/wire_types.py from core/jackfield/wire and core/jackfield/channel. Do not edit.

export interface Address {
  kind: string
  value: string
  scope?: string
}

export interface Assign {
  op: 'conv.assign'
  conv: string
  to: string | null
}

export interface Author {
  kind: 'api' | 'bot' | 'contact' | 'operator' | 'phone' | 'system'
  id?: string | null
  name?: string
}

export interface Boot {
  operator: OperatorView
  locale: string
  theme?: 'dark' | 'light' | 'system'
  workspaces: WorkspaceView[]
  streams: Record<string, StreamHead>
  channels: ChannelView[]
  labels: LabelView[]
  operators: Record<string, OperatorView[]>
  counters: Record<string, Record<string, number>>
  conversations: ConversationView[]
  next?: string | null
  drafts?: Draft[]
  csrf: string
  build: string
  now: number
}

export interface Call {
  type: 'call'
  id: string
  outcome: 'answered' | 'ended' | 'failed' | 'missed' | 'rejected' | 'ringing'
  video?: boolean
  duration?: number | null
}

export interface CanSend {
  ok: boolean
  reason?: string
  until?: number | null
  alternatives?: string[]
  free_until?: number | null
  marketing?: boolean
  text_max?: number
  media?: Record<string, number>
  can?: string[]
  choices?: ChoiceLimit | null
  products?: ProductLimit | null
  carousel?: CarouselLimit | null
}

export interface CancelMessage {
  op: 'message.cancel'
  message: string
}

export interface Card {
  type: 'card'
  name: string
  phones?: Labelled[]
  emails?: Labelled[]
  urls?: Labelled[]
  addresses?: Labelled[]
  organisation?: string
  title?: string
  birthday?: string
}

export interface Carousel {
  type: 'carousel'
  body: string
  cards: CarouselCard[]
  catalog?: string
}

export interface CarouselCard {
  type: 'carousel_card'
  media?: Media | null
  body?: string
  options?: Option[]
  product?: string
}

export interface CarouselLimit {
  level?: Level
  least?: number
  most?: number
  body?: number
  card_body?: number
  buttons?: number
  button_title?: number
  media?: ('audio' | 'document' | 'gif' | 'image' | 'round' | 'sticker' | 'video' | 'voice')[]
  products?: boolean
}

export interface Ceilings {
  reply_within_days?: number | null
  new_chats_per_day?: number | null
  per_minute?: number | null
  per_hour?: number | null
  same_text_chats?: number | null
}

export interface ChannelChanged {
  e: 'channel.state'
  channel: ChannelView
}

export interface ChannelRemoved {
  e: 'channel.gone'
  id: string
}

export interface ChannelView {
  id: string
  ws: string
  rev: number
  kind: string
  name: string
  external_id?: string
  state?: string
  state_code?: string
  state_text?: string
  state_at?: number
  enabled?: boolean
  abilities?: string[]
  said?: Record<string, RemarkView>
  progress?: number | null
  paused?: string
}

export interface ChoiceLimit {
  level?: Level
  styles?: ('address' | 'buttons' | 'call' | 'call_permission' | 'contact_request' | 'form' | 'link' | 'list' | 'location_request')[]
  buttons?: number
  button_title?: number
  rows?: number
  row_title?: number
  row_description?: number
  sections?: number
  section_title?: number
  opener?: number
  body?: number
  list_body?: number
  header?: number
  footer?: number
  header_media?: ('audio' | 'document' | 'gif' | 'image' | 'round' | 'sticker' | 'video' | 'voice')[]
  form_title?: number
}

export interface ChoiceMade {
  type: 'choice_made'
  source: 'buttons' | 'list' | 'other' | 'permission' | 'template'
  title: string
  id?: string
  description?: string
}

export interface ChoiceOffered {
  type: 'choice_offered'
  style: 'address' | 'buttons' | 'call' | 'call_permission' | 'contact_request' | 'form' | 'link' | 'list' | 'location_request'
  body: string
  options?: Option[]
  header?: string
  header_media?: Media | null
  footer?: string
  button?: string
  data?: Record<string, string>
}

export interface Close {
  op: 'conv.close'
  conv: string
}

export interface CloseFrame {
  t: 'close'
  conv: string
}

export interface Cmd {
  t: 'cmd'
  cid: string
  d: AnyCommand
}

export interface ContactChanged {
  e: 'contact.patch'
  contact: ContactView
}

export interface ContactMerged {
  e: 'contact.merge'
  gone: string
  into: string
}

export interface ContactView {
  id: string
  ws: string
  rev: number
  name: string
  named_by?: 'network' | 'operator'
  avatar?: string | null
  identities?: IdentityView[]
  attributes?: Record<string, string>
  merged?: string[]
}

export interface Contacts {
  type: 'contacts'
  cards: Card[]
}

export interface ConversationMerged {
  e: 'conv.merge'
  gone: string
  into: string
  counters?: Record<string, number>
}

export interface ConversationNew {
  e: 'conv.new'
  row: ConversationView
  counters?: Record<string, number>
}

export interface ConversationPatch {
  e: 'conv.patch'
  row: ConversationView
  counters?: Record<string, number>
}

export interface ConversationView {
  id: string
  ws: string
  rev: number
  channel: string
  name: string
  last_at: number
  group?: boolean
  contact?: string | null
  peer?: string
  avatar?: string | null
  status?: 'closed' | 'open' | 'snoozed'
  snoozed_until?: number | null
  assignee?: string | null
  labels?: string[]
  unread?: number
  marked_unread?: boolean
  last?: LastMessage | null
  last_pos?: number
  read_pos?: number
  windowed?: boolean
  window_until?: number | null
  drafts?: DraftMark[]
  failed?: boolean
  free_until?: number | null
  held_by?: '' | 'agent'
}

export interface DeleteLabel {
  op: 'label.delete'
  label: string
}

export interface DeleteMessage {
  op: 'message.delete'
  message: string
}

export interface Did {
  type: 'did'
  seq: number
}

export interface Diff {
  t: 'diff'
  ws: string
  seq: number
}

export interface Draft {
  conv: string
  text: string
  at: number
  reply_to?: string | null
}

export interface DraftChanged {
  e: 'draft'
  draft: Draft
}

export interface DraftMark {
  operator: string
  at: number
}

export interface EditMessage {
  op: 'message.edit'
  message: string
  text: string
}

export interface Eph {
  t: 'eph'
  e: 'presence' | 'progress' | 'typing' | 'viewing'
  ws: string
  conv?: string
  d?: Record<string, unknown>
  ttl?: number
}

export interface Err {
  t: 'err'
  cid: string
  code: string
  text?: string
  retry?: boolean
  d?: Record<string, unknown>
}

export interface Ev {
  t: 'ev'
  ws: string
  seq: number
  prev: number
  d: AnyStreamEvent
}

export interface Failure {
  type: 'failure'
  code: string
  remote_code?: string
  text?: string
  words?: string
}

export interface Folder {
  ws?: string | null
  channel?: string | null
  status?: 'all' | 'closed' | 'open' | 'snoozed'
  assignee?: '' | 'me' | 'none' | string
  label?: string | null
  unread?: boolean
}

export interface FormReply {
  type: 'form_reply'
  name: string
  body?: string
  fields?: Record<string, string>
}

export interface Hello {
  t: 'hello'
  v: number
  streams?: Record<string, StreamHead>
  build?: string
  tab?: string
  locale?: string
}

export interface IdentityView {
  id: string
  address: Address
  shown: string
  source: string
  at: number
}

export interface LabelChanged {
  e: 'label.patch'
  label: LabelView
}

export interface LabelConversation {
  op: 'conv.label'
  conv: string
  add?: string[]
  remove?: string[]
}

export interface LabelView {
  id: string
  ws: string
  rev: number
  name: string
  color: string
  deleted?: boolean
}

export interface Labelled {
  type: 'labelled'
  value: string
  label?: string
  address?: string
}

export interface LastMessage {
  id: string
  dir: 'in' | 'note' | 'out' | 'system'
  kind: string
  text?: string
  at: number
  st?: 'cancelled' | 'delivered' | 'failed' | 'held' | 'played' | 'queued' | 'read' | 'received' | 'scheduled' | 'sending' | 'sent' | 'unknown'
  by?: string
}

export type Level = -2 | -1 | 0 | 1 | 2

export interface Limits {
  reply_within_days?: number
  new_chats_per_day?: number
  per_minute?: number
  per_hour?: number
  same_text_chats?: number
  warm_up_days?: number
  quiet_from?: string
  quiet_until?: string
  timezone?: string
}

export interface LimitsChange {
  reply_within_days?: number | null
  new_chats_per_day?: number | null
  per_minute?: number | null
  per_hour?: number | null
  same_text_chats?: number | null
  warm_up_days?: number | null
  quiet_from?: string | null
  quiet_until?: string | null
  timezone?: string | null
}

export interface Location {
  type: 'location'
  latitude: number
  longitude: number
  name?: string
  address?: string
  url?: string
  live_until?: string | null
}

export interface MarkRead {
  op: 'conv.read'
  conv: string
  pos: number
}

export interface MarkUnread {
  op: 'conv.unread'
  conv: string
}

export interface Media {
  type: 'media'
  sort: 'audio' | 'document' | 'gif' | 'image' | 'round' | 'sticker' | 'video' | 'voice'
  ref: string
  link?: string
  mime?: string
  caption?: string
  name?: string
  size?: number | null
  sha256?: string
  width?: number | null
  height?: number | null
  duration?: number | null
  view_once?: boolean
}

export interface MediaView {
  id: string
  part: number
  state: 'failed' | 'pending' | 'ready'
  url?: string
  mime?: string
  name?: string
  size?: number | null
  width?: number | null
  height?: number | null
  duration?: number | null
  error?: string
}

export interface MemberView {
  name: string
  shown?: string
  role?: '' | 'admin' | 'owner'
  contact?: string | null
  avatar?: string | null
}

export interface MergeContacts {
  op: 'contact.merge'
  gone: string
  into: string
}

export interface Merged {
  type: 'merged'
  seq: number
  merge: string
}

export interface MessageNew {
  e: 'message.new'
  msg: MessageView
}

export interface MessagePatch {
  e: 'message.patch'
  msg: MessageView
}

export interface MessageStatusChanged {
  e: 'message.status'
  conv: string
  id: string
  rev: number
  st: 'cancelled' | 'delivered' | 'failed' | 'held' | 'played' | 'queued' | 'read' | 'received' | 'scheduled' | 'sending' | 'sent' | 'unknown'
}

export interface MessageView {
  id: string
  ws: string
  conv: string
  rev: number
  pos: number
  dir: 'in' | 'note' | 'out' | 'system'
  kind: string
  author: Author
  parts: Part[]
  at: number
  received_at: number
  text?: string
  st?: 'cancelled' | 'delivered' | 'failed' | 'held' | 'played' | 'queued' | 'read' | 'received' | 'scheduled' | 'sending' | 'sent' | 'unknown'
  media?: MediaView[]
  reply?: Quote | null
  reactions?: ReactionView[]
  edited_at?: number | null
  deleted_at?: number | null
  fail?: Failure | null
  forwarded?: boolean
  referral?: Referral | null
  due_at?: number | null
  external_id?: string | null
  channel?: string
  cid?: string | null
  history?: boolean
  waiting?: Waiting | null
}

export interface Moment {
  type: 'moment'
  at: string
}

export interface Money {
  type: 'money'
  amount: string
  currency: string
}

export interface Notice {
  e: 'notice'
  channel: string
  severity: string
  code: string
  text?: string
  at: number
  data?: Record<string, string>
}

export interface Ok {
  t: 'ok'
  cid: string
  d: AnyAnswer
}

export interface Open {
  t: 'open'
  conv: string
  have?: number
}

export interface OperatorChanged {
  e: 'user.patch'
  operator: OperatorView
}

export interface OperatorView {
  id: string
  name: string
  email?: string
  role?: 'admin' | 'operator' | 'owner' | 'viewer' | null
}

export interface Option {
  type: 'option'
  id: string
  title: string
  description?: string
  section?: string
  url?: string
  phone?: string
}

export interface Order {
  type: 'order'
  catalog: string
  items: OrderItem[]
  note?: string
}

export interface OrderItem {
  type: 'order_item'
  product: string
  quantity: number
  price?: string
  currency?: string
}

export interface Pause {
  reason: 'banned' | 'by_hand' | 'restricted'
  at: number
  until: number | null
}

export interface Piece {
  text: string
  hit?: boolean
}

export interface PinMessage {
  op: 'message.pin'
  message: string
  days: number
}

export interface Ping {
  t: 'ping'
  seqs: Record<string, number>
}

export interface Poll {
  type: 'poll'
  question: string
  options: string[]
  most?: number
}

export interface Pong {
  t: 'pong'
  seqs?: Record<string, number>
}

export interface Probe {
  t: 'probe'
}

export interface Product {
  type: 'product'
  catalog: string
  products?: string[]
  sections?: ProductSection[]
  whole?: boolean
  body?: string
  header?: string
  footer?: string
}

export interface ProductLimit {
  level?: Level
  items?: number
  sections?: number
  section_title?: number
  body?: number
  header?: number
  footer?: number
  whole?: boolean
}

export interface ProductSection {
  type: 'product_section'
  title: string
  products: string[]
}

export interface ProtectionView {
  limits: Limits
  ceilings: Ceilings
  used: Used
  paused: Pause | null
  level: 'calm' | 'full' | 'near' | 'paused'
  reasons: string[]
}

export interface Quote {
  id?: string | null
  kind?: string
  text?: string
  by?: string
  dir?: 'in' | 'note' | 'out' | 'system'
}

export interface ReactToMessage {
  op: 'message.react'
  message: string
  emoji: string
}

export interface ReactionView {
  emoji: string
  by: Author
  at: number
}

export interface Ready {
  t: 'ready'
  sid: string
  streams: Record<string, StreamHead>
  hb: number
  now: number
  build: string
  limits: Record<string, number>
}

export interface Referral {
  type: 'referral'
  source?: string
  id?: string
  url?: string
  headline?: string
  body?: string
  click_id?: string
  media?: string
  picture?: string
  greeting?: string
  answer_within?: number
  free_for?: number
}

export interface RemarkView {
  value: string
  severity?: 'critical' | 'info' | 'warning'
  text?: string
  at: number
}

export interface Reopen {
  op: 'conv.reopen'
  conv: string
}

export interface Reset {
  t: 'reset'
  ws: string
  why: 'epoch' | 'overflow' | 'rights' | 'too_old'
  stream?: StreamHead | null
}

export interface Resume {
  t: 'resume'
  v: number
  streams: Record<string, StreamHead>
  build?: string
  tab?: string
}

export interface Resumed {
  t: 'resumed'
  sid: string
  streams: Record<string, StreamHead>
  count: number
  now: number
  build: string
}

export interface RetryMessage {
  op: 'message.retry'
  message: string
}

export interface SaveContact {
  op: 'contact.save'
  contact: string
  name?: string
  attributes?: Record<string, string | null>
}

export interface SaveDraft {
  op: 'conv.draft'
  conv: string
  text: string
  reply_to?: string | null
}

export interface SaveLabel {
  op: 'label.save'
  ws: string
  name: string
  color: string
  id?: string | null
}

export interface Saved {
  type: 'saved'
  seq: number
  id: string
}

export interface SearchHit {
  msg: MessageView
  conv: ConversationView
  snippet: Piece[]
}

export interface SearchPage {
  hits: SearchHit[]
  next?: string | null
}

export interface SendMessage {
  op: 'message.send'
  conv: string
  parts: (Text | Media | Location | Contacts | ChoiceOffered | Product | Carousel | Template)[]
  mode?: 'note' | 'reply'
  reply_to?: string | null
  seen_pos?: number | null
  anyway?: boolean
  due_at?: number | null
  expires_at?: number | null
}

export interface Sent {
  type: 'sent'
  seq: number
  messages: string[]
}

export interface Snooze {
  op: 'conv.snooze'
  conv: string
  until: number
}

export interface StartConversation {
  op: 'conv.start'
  channel: string
  phone: string
  name?: string
}

export interface Started {
  type: 'started'
  seq: number
  conv: string
}

export interface StreamHead {
  epoch: string
  seq: number
}

export interface System {
  type: 'system'
  code: string
  text?: string
  data?: Record<string, string>
}

export interface Template {
  type: 'template'
  name: string
  language: string
  category?: string
  header?: string
  header_media?: Media | null
  header_wants?: '' | 'location' | 'product'
  header_location?: Location | null
  body?: string
  footer?: string
  limited?: string
  buttons?: Option[]
  cards?: CarouselCard[]
  offer?: Product | null
  parameters?: Record<string, string>
  exact?: Record<string, Money | Moment>
}

export interface Text {
  type: 'text'
  body: string
  preview?: boolean
}

export interface Typing {
  t: 'typing'
  conv: string
  mode?: 'note' | 'reply' | 'stopped'
}

export interface UndoMerge {
  op: 'contact.unmerge'
  merge: string
}

export interface Unsupported {
  type: 'unsupported'
  kind: string
  note?: string
  raw?: unknown
}

export interface Unview {
  t: 'unview'
  id: string
}

export interface Used {
  minute: number
  hour: number
  new_chats: number
  warm_up_left_days: number
}

export interface ViewList {
  t: 'view'
  id: string
  list: Folder
  after?: string | null
  limit?: number
}

export interface Waiting {
  reason: string
  until: number
}

export interface Window {
  t: 'window'
  at: Record<string, number>
  id?: string | null
  conv?: string | null
  rows?: ConversationView[]
  msgs?: MessageView[]
  next?: string | null
  more?: boolean
}

export interface WorkspaceView {
  id: string
  name: string
  color?: string
  role: 'admin' | 'operator' | 'owner' | 'viewer'
}

export type Part =
  | Call
  | Carousel
  | ChoiceMade
  | ChoiceOffered
  | Contacts
  | FormReply
  | Location
  | Media
  | Order
  | Poll
  | Product
  | System
  | Template
  | Text
  | Unsupported

export type AnyStreamEvent =
  | ChannelChanged
  | ChannelRemoved
  | ContactChanged
  | ContactMerged
  | ConversationMerged
  | ConversationNew
  | ConversationPatch
  | DraftChanged
  | LabelChanged
  | MessageNew
  | MessagePatch
  | MessageStatusChanged
  | Notice
  | OperatorChanged

export type AnyCommand =
  | Assign
  | CancelMessage
  | Close
  | DeleteLabel
  | DeleteMessage
  | EditMessage
  | LabelConversation
  | MarkRead
  | MarkUnread
  | MergeContacts
  | PinMessage
  | ReactToMessage
  | Reopen
  | RetryMessage
  | SaveContact
  | SaveDraft
  | SaveLabel
  | SendMessage
  | Snooze
  | StartConversation
  | UndoMerge

export type AnyAnswer =
  | Did
  | Merged
  | Saved
  | Sent
  | Started

export type ClientFrame =
  | CloseFrame
  | Cmd
  | Diff
  | Hello
  | Open
  | Pong
  | Probe
  | Resume
  | Typing
  | Unview
  | ViewList

export type ServerFrame =
  | Eph
  | Err
  | Ev
  | Ok
  | Ping
  | Ready
  | Reset
  | Resumed
  | Window

export const VERSION = 1

export const CloseCode = {
  PROTOCOL: 4001,
  TOO_BIG: 4002,
  UNAUTHORISED: 4003,
  SLOW: 4008,
  SESSION_GONE: 4009,
  GOING_DOWN: 4010,
  RATE: 4029,
  FORBIDDEN: 4403,
} as const
