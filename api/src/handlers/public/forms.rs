//! Everything a front end needs to draw a campaign's form.

use crate::app::App;
use crate::challenges::Challenges;
use crate::http::extract::{AcceptLanguage, Path};
use crate::http::prepared::Prepared;
use crate::http::problem::Answer;
use crate::views::campaign::{ContactView, OfficeRuleView, OrganisationView, PrivacyNoticeView};
use crate::views::challenge::{FormChallengeView, HoneypotView};
use crate::views::vocabulary;
use actix_web::http::header;
use actix_web::web::Data;
use actix_web::{HttpRequest, get};
use postbag_domain::{
    ConsentQuestion, LiveCampaign, Locale, ObjectionNotice, Partner, PersonName, PersonalMessageRule, PostalAddress,
};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// A campaign's form in one language.
#[derive(Serialize, ToSchema)]
#[schema(examples(json!({
    "campaign": "fair-care", "locale": "en", "locales": ["en", "cy"], "confirmation": "email",
    "fields": [{ "name": "first_name", "pointer": "/supporter/first_name", "label": "First name", "kind": "line",
                 "required": true, "max_length": 100, "autocomplete": "given-name" }],
    "consent_questions": [{ "id": "01998f00-0000-7000-8000-000000000002", "version": 1, "purpose": "campaign_news",
                            "basis": "consent", "channels": ["email", "phone"], "wording": "May we tell you how this campaign goes on?" }],
    "office_rules": [{ "office": "ms", "nations": ["wales"], "write_to": "choice", "up_to": 3 }],
    "objections": [{ "activity": "wealth_research", "version": 1, "wording": "estimate what I could give",
                      "long_wording": "We compare public registers with what you gave before." }],
    "privacy_notice": { "url": "https://harbour.example.org/privacy", "version": "2026-05" },
    "contacts": [{ "role": "complaints", "email": "complaints@harbour.example.org", "phone": null, "url": null }],
    "partners": [], "challenge": { "rule": "when_suspicious", "provider": "proof_of_work", "site_key": null },
    "honeypot": { "name": "website", "pointer": "/form/website", "label": "Website (please leave this empty)" },
    "body_limit_bytes": 65536
})))]
pub(crate) struct FormView {
    /// The campaign's slug.
    campaign: String,
    /// The language of this answer, also in `Content-Language`.
    #[schema(schema_with = vocabulary::locale)]
    locale: &'static str,
    /// The languages to choose from.
    #[schema(schema_with = vocabulary::locales)]
    locales: Vec<&'static str>,
    #[schema(schema_with = vocabulary::confirmation)]
    confirmation: &'static str,
    fields: Vec<FieldView>,
    /// Where the rule is `choice`, the form has to ask whom to write to: `targets` lists them.
    office_rules: Vec<OfficeRuleView>,
    consent_questions: Vec<QuestionView>,
    objections: Vec<ObjectionView>,
    privacy_notice: Option<PrivacyNoticeView>,
    contacts: Vec<ContactView>,
    /// The organisations that share the form, each with its own questions, to be shown by name.
    partners: Vec<PartnerFormView>,
    challenge: FormChallengeView,
    honeypot: HoneypotView,
    /// The most a submission may hold.
    body_limit_bytes: usize,
}

/// What a partner of the campaign asks, a controller of its own.
#[derive(Serialize, ToSchema)]
pub(crate) struct PartnerFormView {
    organisation: OrganisationView,
    consent_questions: Vec<QuestionView>,
    /// An objection to one of these names the organisation.
    objections: Vec<ObjectionView>,
}

/// One field of the form.
#[derive(Serialize, ToSchema)]
pub(crate) struct FieldView {
    name: &'static str,
    /// Where its value goes in the submission, as a JSON Pointer. Errors name the same pointer.
    pointer: &'static str,
    label: &'static str,
    kind: FieldKind,
    required: bool,
    /// In characters as people count them.
    max_length: u32,
    /// For the `autocomplete` attribute.
    autocomplete: Option<&'static str>,
}

/// How a field is filled in.
#[derive(Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum FieldKind {
    /// One line of text.
    Line,
    /// Several lines of text.
    Prose,
    /// An email address.
    Email,
    /// A telephone number.
    Tel,
}

/// A question to be answered for each channel: yes or no; or no or `not_refused`, where its basis is the charitable soft opt-in. No answer is
/// no permission. With `information_only` it asks nothing: the words are to be shown.
#[derive(Serialize, ToSchema)]
pub(crate) struct QuestionView {
    id: Uuid,
    version: i32,
    #[schema(example = "campaign_news")]
    purpose: String,
    #[schema(schema_with = vocabulary::basis)]
    basis: &'static str,
    #[schema(schema_with = vocabulary::channels)]
    channels: Vec<&'static str>,
    /// The words to show, unchanged.
    wording: String,
}

/// Something a person may forbid.
#[derive(Serialize, ToSchema)]
pub(crate) struct ObjectionView {
    #[schema(schema_with = vocabulary::activity)]
    activity: &'static str,
    version: i32,
    /// The words to show beside the box, unchanged.
    wording: String,
    /// The text for those who want to read more, unchanged.
    long_wording: Option<String>,
}

impl FormView {
    fn of(live: &LiveCampaign, locale: Locale, challenges: &Challenges) -> Self {
        let terms = live.campaign.content();
        let default = terms.default_locale;
        let organisation = OrganisationView::of(&live.organisation.content);
        Self {
            campaign: terms.slug.to_string(),
            locale: locale.as_str(),
            locales: locales(live).into_iter().map(Locale::as_str).collect(),
            confirmation: terms.confirmation.as_str(),
            fields: fields(live, locale),
            office_rules: OfficeRuleView::each(terms),
            consent_questions: QuestionView::each(&live.questions, locale, default),
            objections: ObjectionView::each(&live.objections, locale, default),
            privacy_notice: organisation.privacy_notice,
            contacts: organisation.contacts,
            partners: live.partners.iter().map(|partner| PartnerFormView::of(partner, locale, default)).collect(),
            challenge: FormChallengeView::new(terms.challenge, challenges.provider(), challenges.site_key()),
            honeypot: HoneypotView::of(locale),
            body_limit_bytes: crate::http::extract::PUBLIC_LIMIT,
        }
    }
}

impl PartnerFormView {
    fn of(partner: &Partner, locale: Locale, default: Locale) -> Self {
        Self {
            organisation: OrganisationView::of(&partner.organisation.content),
            consent_questions: QuestionView::each(&partner.questions, locale, default),
            objections: ObjectionView::each(&partner.objections, locale, default),
        }
    }
}

impl QuestionView {
    fn each(questions: &[ConsentQuestion], locale: Locale, default: Locale) -> Vec<Self> {
        questions.iter().map(|question| Self::of(question, locale, default)).collect()
    }

    fn of(question: &ConsentQuestion, locale: Locale, default: Locale) -> Self {
        Self {
            id: question.id().uuid(),
            version: question.version(),
            purpose: question.purpose().to_string(),
            basis: question.current().basis.as_str(),
            channels: question.channels().iter().map(|channel| channel.as_str()).collect(),
            wording: question.wording(locale, default).1.to_owned(),
        }
    }
}

impl ObjectionView {
    fn each(notices: &[ObjectionNotice], locale: Locale, default: Locale) -> Vec<Self> {
        notices.iter().map(|notice| Self::of(notice, locale, default)).collect()
    }

    fn of(notice: &ObjectionNotice, locale: Locale, default: Locale) -> Self {
        let words = &notice.current().words;
        Self {
            activity: notice.activity().as_str(),
            version: notice.version(),
            wording: words.wordings.shown(locale, default).1.to_owned(),
            long_wording: words.long_wordings.as_ref().map(|long| long.shown(locale, default).1.to_owned()),
        }
    }
}

/// The languages a campaign has letters in, its default first.
fn locales(live: &LiveCampaign) -> Vec<Locale> {
    let written = live.edition.content().templates.iter().map(|template| template.source.locale());
    offered(live.campaign.content().default_locale, written)
}

/// The default, and then each other language once.
fn offered(default: Locale, written: impl Iterator<Item = Locale>) -> Vec<Locale> {
    let mut offered = vec![default];
    for locale in written {
        if !offered.contains(&locale) {
            offered.push(locale);
        }
    }
    offered
}

/// Labels in the three languages of [`Locale`].
struct Labels([&'static str; 3]);

impl Labels {
    const fn in_language(&self, locale: Locale) -> &'static str {
        let Self([en, cy, gd]) = *self;
        match locale {
            Locale::En => en,
            Locale::Cy => cy,
            Locale::Gd => gd,
        }
    }
}

type Row = (&'static str, &'static str, Labels, FieldKind, bool, usize, Option<&'static str>);

/// The person's fields: name, pointer, labels, kind, required, length, autocomplete.
const FIELDS: [Row; 9] = [
    (
        "title",
        "/supporter/title",
        Labels(["Title", "Teitl", "Tiotal"]),
        FieldKind::Line,
        false,
        PersonName::TITLE.graphemes,
        Some("honorific-prefix"),
    ),
    (
        "first_name",
        "/supporter/first_name",
        Labels(["First name", "Enw cyntaf", "Ciad ainm"]),
        FieldKind::Line,
        true,
        PersonName::NAME.graphemes,
        Some("given-name"),
    ),
    (
        "last_name",
        "/supporter/last_name",
        Labels(["Last name", "Cyfenw", "Sloinneadh"]),
        FieldKind::Line,
        true,
        PersonName::NAME.graphemes,
        Some("family-name"),
    ),
    ("email", "/supporter/email", Labels(["Email", "E-bost", "Post-d"]), FieldKind::Email, true, 254, Some("email")),
    ("phone", "/supporter/phone", Labels(["Telephone", "Ffôn", "Fòn"]), FieldKind::Tel, false, 30, Some("tel")),
    (
        "line1",
        "/supporter/address/line1",
        Labels(["Address", "Cyfeiriad", "Seòladh"]),
        FieldKind::Line,
        true,
        PostalAddress::LINE.graphemes,
        Some("address-line1"),
    ),
    (
        "line2",
        "/supporter/address/line2",
        Labels(["Address, second line", "Cyfeiriad, ail linell", "Seòladh, an dàrna loidhne"]),
        FieldKind::Line,
        false,
        PostalAddress::LINE.graphemes,
        Some("address-line2"),
    ),
    (
        "town",
        "/supporter/address/town",
        Labels(["Town or city", "Tref neu ddinas", "Baile"]),
        FieldKind::Line,
        true,
        PostalAddress::LINE.graphemes,
        Some("address-level2"),
    ),
    (
        "postcode",
        "/supporter/address/postcode",
        Labels(["Postcode", "Cod post", "Còd-puist"]),
        FieldKind::Line,
        true,
        10,
        Some("postal-code"),
    ),
];

const MESSAGE: Labels = Labels(["Your message", "Eich neges", "An teachdaireachd agad"]);

fn fields(live: &LiveCampaign, locale: Locale) -> Vec<FieldView> {
    let person = FIELDS.iter().map(|(name, pointer, labels, kind, required, length, autocomplete)| FieldView {
        name,
        pointer,
        label: labels.in_language(locale),
        kind: *kind,
        required: *required,
        max_length: u32::try_from(*length).unwrap_or(u32::MAX),
        autocomplete: *autocomplete,
    });
    let terms = live.campaign.content();
    let message = terms.personal_message.invites().then(|| FieldView {
        name: "personal_message",
        pointer: "/personal_message",
        label: MESSAGE.in_language(locale),
        kind: FieldKind::Prose,
        required: terms.personal_message == PersonalMessageRule::Required,
        max_length: terms.personal_message_limit,
        autocomplete: None,
    });
    person.chain(message).collect()
}

/// A campaign's form
///
/// Its fields and limits, consent questions, objections and notices, in the language that `Accept-Language` prefers.
#[utoipa::path(
    tag = "campaigns",
    params(
        ("slug" = String, Path, description = "The campaign.", example = "every-week-counts"),
        ("Accept-Language" = Option<String>, Header, description = "The person's languages.", example = "cy, en;q=0.8"),
    ),
    responses(
        (status = 200, description = "The form.", body = FormView,
         headers(("Content-Language" = String, description = "The language chosen."))),
        (status = 304, description = "It has not changed."),
    )
)]
#[get("/form")]
pub(crate) async fn get_form(
    request: HttpRequest,
    app: Data<App>,
    slug: Path<String>,
    languages: AcceptLanguage,
) -> Answer {
    let public = app.campaign(&slug.0)?;
    let default = public.live.campaign.content().default_locale;
    let locales = locales(&public.live);
    let chosen = languages.choose(locales.iter().copied().map(Locale::as_str), default.as_str());
    let locale = chosen.parse().unwrap_or(default);
    let mut response = Prepared::of(&FormView::of(&public.live, locale, &app.challenges)).answer(&request);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_LANGUAGE, header::HeaderValue::from_static(locale.as_str()));
    headers.append(header::VARY, header::HeaderValue::from_static("Accept-Language"));
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_language_is_offered_once() {
        let written = [Locale::Cy, Locale::Gd, Locale::En, Locale::Cy];
        assert_eq!(offered(Locale::En, written.into_iter()), [Locale::En, Locale::Cy, Locale::Gd]);
    }
}
