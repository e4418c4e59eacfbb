// The REST calls of the settings pages, typed. Every one rejects with an HttpError, or with whatever the network said.

import type { ChannelView, LimitsChange, ProtectionView, Template } from '../core/wire'
import type { FullHttp } from '../inbox/browser'
import type {
  Automation,
  AutomationRules,
  BlockedPeople,
  BusinessProfile,
  CatalogPage,
  ChatLink,
  Compared,
  Copied,
  DeliveryRaw,
  DeliveryView,
  Designs,
  FiguresView,
  InvitationView,
  Invited,
  KindView,
  LoginView,
  LogView,
  ProfileChange,
  ProfileRules,
  Setup,
  Shop,
  StandingView,
  StateView,
  Summary,
  TemplateDesign,
  TemplateNewsView,
  TemplateRecord,
  Vital,
} from './wire'

export interface Page<T> {
  items: T[]
  next: string | null
}

const WAITING = 40_000 // a login's wait is answered after 25 s at the latest
const COPIES = 300_000 // several accounts, one after another
const PROVIDER = 40_000 // the server gives the provider 30 s

export class AdminApi {
  constructor(private http: FullHttp) {}

  // Channels as such.

  async kinds(): Promise<KindView[]> {
    return (await this.get<Page<KindView>>('/kinds')).items
  }

  setup = (channel: string): Promise<Setup> => this.get(`/channels/${channel}/setup`)
  change = (channel: string, change: { name?: string; enabled?: boolean }): Promise<ChannelView> => this.send('PATCH', `/channels/${channel}`, change)
  remove = (channel: string): Promise<void> => this.send('DELETE', `/channels/${channel}`)
  release = (channel: string): Promise<{ released: number }> => this.send('POST', `/channels/${channel}/release`)
  log = (channel: string, after: string): Promise<Page<LogView>> => this.get(`/channels/${channel}/log`, { after })
  bringHistory = (channel: string): Promise<void> => this.send('POST', `/channels/${channel}/history`)

  // Connecting.

  /** `like`: a channel whose secrets the new one begins with. */
  begin = (workspace: string, kind: string, flow: string, again: string, like = ''): Promise<LoginView> =>
    this.send('POST', '/channels/logins', { workspace, kind, flow, ...(again ? { again } : like ? { like } : {}) })
  submit = (login: string, values: Record<string, string>): Promise<LoginView> => this.send('POST', `/channels/logins/${login}/submit`, { values })
  wait = (login: string): Promise<LoginView> => this.send('POST', `/channels/logins/${login}/wait`, undefined, WAITING)
  cancel = (login: string): Promise<void> => this.send('DELETE', `/channels/logins/${login}`)

  async invitations(workspace: string): Promise<InvitationView[]> {
    return (await this.get<Page<InvitationView>>('/channels/invitations', { workspace })).items
  }

  /** A link for a client, for so many hours. */
  invite = (workspace: string, kind: string, again: string, hours: number): Promise<Invited> =>
    this.send('POST', '/channels/invitations', { workspace, kind, hours, ...(again ? { again } : {}) })
  uninvite = (invitation: string): Promise<void> => this.send('DELETE', `/channels/invitations/${invitation}`)

  // Deliveries.

  summary = (channel: string): Promise<Summary> => this.get('/deliveries/summary', { channel })
  deliveries = (channel: string, state: string, after: string): Promise<Page<DeliveryView>> => this.get('/deliveries', { channel, state, after })
  delivery = (id: string): Promise<DeliveryRaw> => this.get(`/deliveries/${id}`)
  replay = (id: string): Promise<DeliveryView> => this.send('POST', `/deliveries/${id}/replay`)

  // What a business account has.

  profile = (channel: string): Promise<{ rules: ProfileRules; profile: BusinessProfile }> => this.get(`/channels/${channel}/profile`)
  saveProfile = (channel: string, change: ProfileChange): Promise<BusinessProfile> => this.send('PATCH', `/channels/${channel}/profile`, change)
  shop = (channel: string): Promise<Shop> => this.get(`/channels/${channel}/shop`)
  saveShop = (channel: string, shop: { cart: boolean; visible: boolean }): Promise<Shop> => this.send('PUT', `/channels/${channel}/shop`, shop)
  catalogue = (channel: string, query: string, after: string): Promise<CatalogPage> => this.get(`/channels/${channel}/catalogue`, { query, after })

  async links(channel: string): Promise<ChatLink[]> {
    return (await this.get<{ items: ChatLink[] }>(`/channels/${channel}/links`)).items
  }

  saveLink = (channel: string, text: string, link = ''): Promise<ChatLink> =>
    link ? this.send('PATCH', `/channels/${channel}/links/${encodeURIComponent(link)}`, { text }) : this.send('POST', `/channels/${channel}/links`, { text })
  deleteLink = (channel: string, link: string): Promise<void> => this.send('DELETE', `/channels/${channel}/links/${encodeURIComponent(link)}`)
  linkPicture = (channel: string, link: string, form: 'svg' | 'png'): string =>
    `/api/v1/channels/${channel}/links/${encodeURIComponent(link)}/picture?form=${form}`

  blocked = (channel: string, after: string): Promise<BlockedPeople> => this.get(`/channels/${channel}/blocked`, { after })
  unblock = (channel: string, person: { kind: string; value: string; scope?: string }): Promise<unknown> =>
    this.send('DELETE', `/channels/${channel}/blocked`, person)

  automation = (channel: string): Promise<{ rules: AutomationRules; automation: Automation }> => this.get(`/channels/${channel}/automation`)
  saveAutomation = (channel: string, automation: Automation): Promise<Automation> => this.send('PUT', `/channels/${channel}/automation`, automation)

  standing = (channel: string): Promise<StandingView> => this.get(`/channels/${channel}/standing`)

  async states(channel: string): Promise<StateView[]> {
    return (await this.get<Page<StateView>>(`/channels/${channel}/states`)).items
  }

  async health(channel: string): Promise<Vital[]> {
    return (await this.get<Page<Vital>>(`/channels/${channel}/health`)).items
  }

  protection = (channel: string): Promise<ProtectionView> => this.get(`/channels/${channel}/protection`)
  setLimits = (channel: string, change: LimitsChange): Promise<ProtectionView> => this.send('PATCH', `/channels/${channel}/protection`, change)
  pause = (channel: string): Promise<ProtectionView> => this.send('POST', `/channels/${channel}/protection/pause`)
  resume = (channel: string): Promise<ProtectionView> => this.send('POST', `/channels/${channel}/protection/resume`)

  figures = (channel: string, since: number, until: number, report = ''): Promise<FiguresView> =>
    this.get(`/channels/${channel}/figures`, { report, since: String(since), until: String(until) })
  pullFigures = (channel: string): Promise<unknown> => this.send('POST', `/channels/${channel}/figures/pull`)

  // Templates.

  designs = (channel: string, fresh = false): Promise<Designs> => this.get(`/channels/${channel}/designs`, fresh ? { fresh: 'true' } : {})
  createTemplate = (channel: string, design: TemplateDesign): Promise<TemplateRecord> => this.send('POST', `/channels/${channel}/designs`, design)
  editTemplate = (channel: string, template: string, design: TemplateDesign): Promise<TemplateRecord> =>
    this.send('PATCH', `/channels/${channel}/designs/${encodeURIComponent(template)}`, design)
  deleteTemplate = (channel: string, template: string, every: boolean): Promise<void> =>
    this.send('DELETE', `/channels/${channel}/designs/${encodeURIComponent(template)}?every_language=${every}`)
  unpause = (channel: string, template: string): Promise<TemplateRecord | null> =>
    this.send('POST', `/channels/${channel}/designs/${encodeURIComponent(template)}/unpause`)

  async templateNews(channel: string, template: string): Promise<TemplateNewsView[]> {
    return (await this.get<Page<TemplateNewsView>>(`/channels/${channel}/designs/${encodeURIComponent(template)}/news`)).items
  }

  async compare(channel: string, template: string, to: readonly string[]): Promise<Compared[]> {
    return (await this.send<Page<Compared>>('POST', `/channels/${channel}/designs/${encodeURIComponent(template)}/compare`, { to }, COPIES)).items
  }

  async copy(channel: string, template: string, to: readonly string[]): Promise<Copied[]> {
    return (await this.send<Page<Copied>>('POST', `/channels/${channel}/designs/${encodeURIComponent(template)}/copy`, { to }, COPIES)).items
  }

  preview = (channel: string, design: TemplateDesign, values: Record<string, string>): Promise<Template> =>
    this.send('POST', `/channels/${channel}/designs/preview`, { design, values })

  // All of them.

  get<T>(path: string, query: Record<string, string> = {}): Promise<T> {
    const asked = Object.entries(query).filter(([, value]) => value)
    return this.http.get(`/api/v1${path}${asked.length ? `?${new URLSearchParams(asked)}` : ''}`) as Promise<T>
  }

  send<T>(method: 'POST' | 'PUT' | 'PATCH' | 'DELETE', path: string, body?: unknown, within = PROVIDER): Promise<T> {
    return this.http.send(method, `/api/v1${path}`, body, within) as Promise<T>
  }
}
