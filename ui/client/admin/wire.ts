// Made by build/wire_types.py from core/jackfield/wire and core/jackfield/channel. Do not edit.

import type { Address } from '../core/wire'

export interface Ask {
  type: 'ask'
  step: string
  fields: Field[]
  errors: Record<string, string>
}

export interface Automation {
  welcome: boolean
  prompts: string[]
  commands: BotCommand[]
}

export interface AutomationRules {
  prompts: number
  prompt: number
  commands: number
  command_name: number
  command_description: number
  welcome: boolean
}

export interface BlockedPeople {
  items: BlockedPerson[]
  after: string
}

export interface BlockedPerson {
  address: Address
  shown: string
  contact: string | null
  name: string
}

export interface BotCommand {
  name: string
  description: string
}

export interface BusinessProfile {
  name: string
  about: string
  description: string
  address: string
  email: string
  websites: string[]
  category: string
  picture: string
  username: string
  username_state: string
  usernames: string[]
}

export interface CatalogItem {
  id: string
  name: string
  price: string
  picture: string
  description: string
  available: boolean
}

export interface CatalogPage {
  items: CatalogItem[]
  after: string
}

export interface ChatLink {
  id: string
  text: string
  url: string
}

export interface Compared {
  channel: string
  outcome: 'differs' | 'failed' | 'missing' | 'same'
  differences: Difference[]
  template: TemplateRecord | null
  problem: ProblemView | null
}

export interface Copied {
  channel: string
  outcome: 'created' | 'edited' | 'failed' | 'same'
  template: TemplateRecord | null
  problem: ProblemView | null
}

export interface DeliveryRaw {
  delivery: DeliveryView
  headers: Record<string, string>
  body: string
  encoding: 'base64' | 'utf-8'
}

export interface DeliveryView {
  id: string
  channel: string | null
  kind: string
  at: number
  state: 'failed' | 'stored'
  reason: string
  events: number
  unrecognised: number
  size: number
  replayed_at: number | null
}

export interface Designs {
  rules: TemplateRules
  templates: TemplateRecord[]
  read_at: number
  problem: string
}

export interface Difference {
  field: string
  ours: string
  theirs: string
}

export interface Done {
  type: 'done'
  name: string
  external_id: string
  config: Record<string, string>
}

export interface Field {
  name: string
  type: 'number' | 'password' | 'select' | 'switch' | 'text' | 'url'
  required: boolean
  secret: boolean
  default: string
  choices: string[]
  labels: Record<string, string>
}

export interface FigureView {
  report: string
  start: number
  end: number
  by: Record<string, string>
  values: Record<string, number>
  currency: string
}

export interface FiguresView {
  figures: FigureView[]
  totals: Total[]
  pulled_at: number | null
  more: boolean
}

export interface FlowView {
  words: string
  screen: 'any' | 'other'
}

export interface InvitationView {
  id: string
  ws: string
  kind: string
  flow: string | null
  again: string | null
  stage: 'expired' | 'open' | 'revoked' | 'used'
  by: string
  created_at: number
  expires_at: number
  opened_at: number | null
  used_at: number | null
  channel: string | null
}

export interface Invited {
  invitation: InvitationView
  url: string
}

export interface KindView {
  name: string
  title: string
  logins: Record<string, string>
  clients: Record<string, 'any' | 'other'>
  fields: Field[]
}

export interface LimitUse {
  used: number
  limit: number | null
}

export interface LinkView {
  workspace: string
  kind: string
  channel: string
  flows: Record<string, FlowView>
  expires_at: number
  now: number
  walk: WalkView | null
}

export interface LogView {
  id: string
  at: number
  op: string
  ok: boolean
  status: number
  request: string
  response: string
  error: string
  elapsed_ms: number
}

export interface LoginView {
  id: string
  kind: string
  step: Ask | Show | Done
  channel: string | null
}

export interface ProblemView {
  type: string
  title: string
  status: number
  code: string
  detail?: string
  data?: Record<string, unknown>
}

export interface ProfileChange {
  about?: string
  description?: string
  address?: string
  email?: string
  websites?: string[]
  category?: string
  picture?: string
  username?: string
}

export interface ProfileRules {
  about: number
  description: number
  address: number
  email: number
  website: number
  websites: number
  categories: string[]
  picture: string[]
  username: number
}

export interface Said {
  about: string
  value: string
  severity: 'critical' | 'info' | 'warning'
  text: string
  at: number
}

export interface Setup {
  webhook: string | null
  shared: string | null
  config: Record<string, string>
}

export interface Shop {
  catalog: string
  cart: boolean
  visible: boolean
}

export interface Show {
  type: 'show'
  step: string
  kind: 'code' | 'link' | 'qr' | 'text' | 'waiting'
  data: string
  expires_in: number | null
  skippable: boolean
}

export interface StandingView {
  current: Said[]
  history: Said[]
  next: string | null
  use: LimitUse | null
  per_second: number | null
}

export interface StateView {
  at: number
  state: string
  code: string
  text: string
}

export interface Summary {
  received: number
  stored: number
  failed: number
  unrecognised: number
}

export interface TemplateButton {
  form: 'call' | 'catalog' | 'contact_request' | 'copy_code' | 'flow' | 'other' | 'otp' | 'phone' | 'product' | 'products' | 'reply' | 'url'
  title: string
  value: string
  data: Record<string, string>
}

export interface TemplateCard {
  header: TemplateHeader
  body: string
  buttons: TemplateButton[]
}

export interface TemplateDesign {
  name: string
  language: string
  category: 'authentication' | 'marketing' | 'utility'
  body: string
  places: 'named' | 'numbered'
  header: TemplateHeader
  footer: string
  limited: string
  buttons: TemplateButton[]
  cards: TemplateCard[]
  examples: Record<string, string>
  ttl: number | null
  data: Record<string, string>
}

export interface TemplateHeader {
  form: 'document' | 'image' | 'location' | 'none' | 'other' | 'product' | 'text' | 'video'
  text: string
  file: string
}

export interface TemplateNewsView {
  id: string
  at: number
  what: string
  value: string
  was: string
  reason: string
}

export interface TemplateRecord {
  id: string
  design: TemplateDesign
  standing: 'approved' | 'archived' | 'deleted' | 'disabled' | 'draft' | 'in_appeal' | 'limit_exceeded' | 'paused' | 'pending' | 'pending_deletion' | 'rejected' | 'unknown'
  word: string
  reason: string
  quality: '' | 'high' | 'low' | 'medium'
  next_category: string
  changed_at: string | null
  problems: Record<string, string>
}

export interface TemplateRules {
  name: number
  header: number
  body: number
  footer: number
  buttons: number
  button_title: number
  forms: Record<string, number>
  header_files: Record<string, string[]>
  languages: string[]
  cards: number
  card_body: number
  limited: number
  ttl: Record<string, unknown[]>
}

export interface Total {
  report: string
  by: Record<string, string>
  values: Record<string, number>
  currency: string
}

export interface Vital {
  name: string
  value: number | string
  unit: string
  level: 'bad' | 'good' | 'warn'
}

export interface WalkView {
  id: string
  kind: string
  seen: number
  step: Ask | Show | Done
}

export type Step = Ask | Show | Done
