//! A person's preferences, opened by a link that is mailed to them (B3).

use crate::app::App;
use crate::auth::Bearer;
use crate::handlers::preferences::{ChangeSource, Person, StanceFields, WishFields, Wishes, WithdrawalFields};
use crate::handlers::public::actions::ConsentFields;
use crate::http::extract::{AcceptLanguage, Json};
use crate::http::limits::{PreferenceLinks, Within};
use crate::http::problem::Answer;
use crate::ids;
use crate::views::preferences::PreferencesView;
use crate::views::vocabulary;
use actix_web::http::header;
use actix_web::web::Data;
use actix_web::{HttpResponse, get, post};
use postbag_domain::{
    ConsentQuestion, EmailAddress, FieldErrors, Findings, Flaw, Locale, Means, OrganisationId, PreferenceChange,
    PreferenceChangeId, Slug,
};
use postbag_persistence::{Actor, NewLinkRequest, Reach};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// Whose preferences, with whom.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({ "organisation": "harbour-cancer-trust", "email": "ada@example.org" })))]
pub(crate) struct RequestPreferencesLink {
    /// The organisation's slug.
    organisation: String,
    #[schema(format = "email")]
    email: String,
    /// The language of the mail; the one that `Accept-Language` prefers if left out.
    #[serde(default)]
    #[schema(schema_with = vocabulary::optional_locale)]
    locale: Option<String>,
}

/// The answer to everybody who asks for a link.
#[derive(Serialize, ToSchema)]
#[schema(examples(json!({ "detail": "If this address is known, a mail with the link is on its way. Look into the spam folder too." })))]
pub(crate) struct LinkRequested {
    detail: &'static str,
}

/// Ask for the link to preferences
///
/// A mail with a link goes to the address, if the organisation knows it. The answer is the same if it does not. An address gets three mails
/// a day at most. The link holds for a week; its token opens `GET /v1/preferences`.
#[utoipa::path(
    tag = "preferences",
    params(("Accept-Language" = Option<String>, Header, description = "The person's languages.", example = "cy, en;q=0.8")),
    request_body = RequestPreferencesLink,
    responses((status = 202, description = "If the address is known, a mail is on its way.", body = LinkRequested)),
    extensions(("x-problems" = json!(["quota-exceeded"])))
)]
#[post("/v1/preferences/links")]
pub(crate) async fn request_preferences_link(
    _within: Within<PreferenceLinks>,
    app: Data<App>,
    languages: AcceptLanguage,
    body: Json<RequestPreferencesLink>,
) -> Answer {
    let (slug, address, locale) = body.0.parse(&languages)?;
    let organisation_id = find_organisation(&app, slug).await?;
    let (id, now) = (ids::fresh(), app.clock.now());
    app.store.request_link(NewLinkRequest { id, organisation_id, address, locale, now }).await?;
    app.wake_mails.notify_one();
    let detail = "If this address is known, a mail with the link is on its way. Look into the spam folder too.";
    Ok(HttpResponse::Accepted().insert_header((header::CACHE_CONTROL, "no-store")).json(LinkRequested { detail }))
}

/// The organisation that a visitor names.
pub(super) async fn find_organisation(app: &App, slug: Slug) -> Answer<OrganisationId> {
    let flaw = Flaw::new("organisation_unknown", "must be the slug of an organisation");
    let stored = app.store.organisation(Reach::All, slug).await?;
    Ok(stored.ok_or_else(|| FieldErrors::one("/organisation", flaw))?.organisation.id)
}

impl RequestPreferencesLink {
    fn parse(&self, languages: &AcceptLanguage) -> Result<(Slug, EmailAddress, Locale), FieldErrors> {
        let mut findings = Findings::new();
        let slug = findings.check("/organisation", Slug::parse(&self.organisation));
        let email = findings.check("/email", EmailAddress::parse(&self.email));
        let locale = findings.check_optional("/locale", self.locale.as_deref(), str::parse);
        let whole = slug.zip(email).zip(locale);
        findings
            .finish(whole.map(|((slug, email), locale)| (slug, email, locale.unwrap_or_else(|| preferred(languages)))))
    }
}

/// The language that a caller prefers.
pub(super) fn preferred(languages: &AcceptLanguage) -> Locale {
    let chosen = languages.choose(Locale::ALL.iter().map(|locale| locale.as_str()), Locale::En.as_str());
    chosen.parse().unwrap_or(Locale::En)
}

/// A person’s preferences
///
/// What the person may allow, end and object to with one organisation, what is in force today, and everything that is on record about it.
/// The token stands behind the `#` of the mailed link. Opening a link changes nothing.
#[utoipa::path(
    tag = "preferences",
    params(("Accept-Language" = Option<String>, Header, description = "The person's languages.", example = "cy, en;q=0.8")),
    security(("preferences_token" = [])),
    responses((status = 200, description = "The preferences.", body = PreferencesView))
)]
#[get("/v1/preferences")]
pub(crate) async fn get_preferences(app: Data<App>, bearer: Bearer, languages: AcceptLanguage) -> Answer {
    let person = opened(&app, bearer.token()).await?.ok_or_else(Bearer::refused)?;
    let questions = app.store.questions_of_organisation(person.organisation.id).await?;
    let view = view(&person, &questions.asked, preferred(&languages))?;
    Ok(HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "no-store")).json(view))
}

/// The person of a token that is good.
pub(super) async fn opened(app: &App, token: &str) -> Answer<Option<Person>> {
    let keys = &app.mail_keys.preferences;
    let Some(link) = keys.open(token, app.clock.now()) else { return Ok(None) };
    let person = Person::find(app, Reach::All, link.supporter).await?;
    let is_theirs = person.ledger.address.as_ref().is_some_and(|inbox| keys.went_to(&link, inbox));
    Ok(is_theirs.then_some(person))
}

fn view(person: &Person, asked: &[ConsentQuestion], locale: Locale) -> Answer<PreferencesView> {
    let about = (&person.ledger, &person.standing());
    PreferencesView::of(about, &person.organisation, asked, locale).ok_or_else(Bearer::refused)
}

/// What the person wishes.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({
    "withdraw": [{ "purpose": "campaign_news", "channel": "phone" }],
    "objections": [{ "activity": "wealth_research", "stance": "objects" }]
})))]
pub(crate) struct ChangePreferences {
    /// Answers to the questions of `choices`, in the words that were shown.
    #[serde(default)]
    consents: Vec<ConsentFields>,
    /// The language in which they were shown; the one that `Accept-Language` prefers if left out.
    #[serde(default)]
    #[schema(schema_with = vocabulary::optional_locale)]
    locale: Option<String>,
    /// Purposes and channels to end: a no, which needs no question.
    #[serde(default)]
    withdraw: Vec<WithdrawalFields>,
    /// Ends everything: a no to all that was ever asked, and an objection to direct marketing.
    #[serde(default)]
    withdraw_everything: bool,
    /// Each activity once.
    #[serde(default)]
    objections: Vec<StanceFields>,
}

/// The receipt of a change, and what is in force from now on.
#[derive(Serialize, ToSchema)]
#[schema(examples(json!({
    "change_id": "01998f00-0000-7000-8000-000000000043",
    "now": {
        "organisation": { "slug": "harbour-cancer-trust", "name": "Harbour Cancer Trust" }, "email": "ada@example.org",
        "locale": "en", "suppressed": false, "choices": [], "objections": [], "ledger": { "answers": [], "objections": [] } }
})))]
pub(crate) struct ChangedPreferences {
    /// The change, by which it can be found in the ledger.
    change_id: Uuid,
    now: PreferencesView,
}

/// Change preferences
///
/// In force with the answer: the next message and the next export respect it. What is not named stays as it is. A mail tells the person.
#[utoipa::path(
    tag = "preferences",
    params(("Accept-Language" = Option<String>, Header, description = "The person's languages.", example = "cy, en;q=0.8")),
    request_body = ChangePreferences,
    security(("preferences_token" = [])),
    responses((status = 201, description = "Changed.", body = ChangedPreferences))
)]
#[post("/v1/preferences/changes")]
pub(crate) async fn change_preferences(
    app: Data<App>,
    bearer: Bearer,
    languages: AcceptLanguage,
    body: Json<ChangePreferences>,
) -> Answer {
    let person = opened(&app, bearer.token()).await?.ok_or_else(Bearer::refused)?;
    let wishes = body.0.parse()?;
    let locale = wishes.locale.unwrap_or_else(|| preferred(&languages));
    let questions = app.store.questions_of_organisation(person.organisation.id).await?;
    let change = wishes.change(&questions.asked, locale)?;
    let change_id = record(&app, &person, change, locale).await?.uuid();
    let now = view(&person.again(&app).await?, &questions.asked, locale)?;
    let changed = ChangedPreferences { change_id, now };
    Ok(HttpResponse::Created().insert_header((header::CACHE_CONTROL, "no-store")).json(changed))
}

/// Records what a person changes with their link.
pub(super) async fn record(
    app: &App,
    person: &Person,
    change: PreferenceChange,
    locale: Locale,
) -> Answer<PreferenceChangeId> {
    person.record(app, change, ChangeSource { means: Means::Link, note: None, locale, actor: actor(app) }).await
}

/// Nobody of the organisation: the person.
pub(super) fn actor(app: &App) -> Actor {
    Actor { name: String::new(), now: app.clock.now(), fresh: ids::fresh }
}

impl ChangePreferences {
    fn parse(&self) -> Result<Wishes, FieldErrors> {
        let mut findings = Findings::new();
        let wishes = WishFields {
            consents: &self.consents,
            locale: self.locale.as_deref(),
            withdraw: &self.withdraw,
            withdraw_everything: self.withdraw_everything,
            objections: &self.objections,
        };
        let wishes = wishes.parse(&mut findings);
        findings.finish(wishes)
    }
}
