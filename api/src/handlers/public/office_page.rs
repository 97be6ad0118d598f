//! The page that a letter names for the office that receives it: what the campaign asks, how many wrote, whom to contact, and how
//! to be written to differently.

mod words;

use super::html;
use crate::app::App;
use crate::app::snapshots::PublicCampaign;
use crate::http::extract::{AcceptLanguage, Path};
use crate::outbound::{CAMPAIGN_HEADER, campaign_label, escape};
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::web::{Data, Query, ServiceConfig};
use actix_web::{HttpResponse, get};
use postbag_domain::{CampaignTerms, Contact, ContactRole, Locale, OrganisationTerms};
use serde::Deserialize;
use std::fmt::Write as _;
use words::{Figures, Words};

/// Kept by caches for five minutes.
const CACHING: &str = "public, max-age=300";

/// Serves the page. It is for people and no part of the API, so it is not in the document.
pub(crate) fn register(routes: &mut ServiceConfig) {
    routes.service(get_office_page);
}

/// The language that a link on the page asks for.
#[derive(Deserialize)]
struct Wanted {
    lang: Option<String>,
}

/// Shows the page in the language of the link, of the browser or of the campaign.
#[get("/offices/{slug}")]
async fn get_office_page(
    app: Data<App>,
    slug: Path<String>,
    wanted: Option<Query<Wanted>>,
    accepted: AcceptLanguage,
) -> HttpResponse {
    let campaigns = app.campaigns.load();
    let public = campaigns.get(&slug.0);
    let fallback = public.map_or(Locale::En, |public| public.live.campaign.content().default_locale);
    let words = Words::of(chosen(wanted.as_deref(), &accepted, fallback));
    let mut answer = match public {
        Some(public) => html::page(StatusCode::OK, CACHING, page(&app, public, &words)),
        None => html::page(StatusCode::NOT_FOUND, CACHING, words.gone()),
    };
    answer.headers_mut().append(header::VARY, HeaderValue::from_static("Accept-Language"));
    answer
}

fn chosen(wanted: Option<&Wanted>, accepted: &AcceptLanguage, fallback: Locale) -> Locale {
    let asked = wanted.and_then(|wanted| wanted.lang.as_deref()?.parse().ok());
    let offered = Locale::ALL.iter().map(|locale| locale.as_str());
    asked.or_else(|| accepted.choose(offered, fallback.as_str()).parse().ok()).unwrap_or(fallback)
}

/// Those that show who is known are of the last midnight (C23).
fn figures(app: &App, public: &PublicCampaign) -> Figures {
    let terms = public.live.campaign.content();
    let (directory, day) = (app.directory.load(), app.clock.today());
    let seats = |office| directory.seats(office, &terms.nations_written_to(office), day);
    let seats = terms.offices.iter().map(|office| seats(*office)).sum();
    app.tallies.board(public.live.campaign.id()).read(|figures| Figures {
        actions: figures.now.actions(),
        supporters: figures.midnight.supporters(),
        contacted: figures.midnight.contacted().count(),
        seats,
    })
}

fn page(app: &App, public: &PublicCampaign, words: &Words) -> String {
    let (terms, organisation) = (&**public.live.campaign.content(), &public.live.organisation.content);
    let mut body = String::new();
    paragraph(&mut body, &words.by(&escape(&organisation.name), organisation.charity_number.as_deref()));
    paragraph(&mut body, words.standing(is_open(app, public)));
    for stop in app.stops.load().of_campaign(public.live.organisation.id, public.live.campaign.id()) {
        paragraph(&mut body, &escape(stop.words(words.locale, terms.default_locale)));
    }
    for text in [&terms.summary, &terms.problem].into_iter().flatten() {
        paragraph(&mut body, &escape(text));
    }
    heading(&mut body, words.asks);
    list(&mut body, "ol", public.live.asks.iter().map(|ask| escape(ask.text())));
    heading(&mut body, words.how_many);
    paragraph(&mut body, &words.counted(&figures(app, public)));
    heading(&mut body, words.how_it_works);
    paragraph(&mut body, words.by_constituents);
    paragraph(&mut body, &proof(terms, words));
    paragraph(&mut body, &words.sorting(&campaign_header(organisation, terms)));
    heading(&mut body, words.differently);
    let contact = for_wishes(organisation).map(|contact| ways(contact).collect::<Vec<_>>().join(", "));
    paragraph(&mut body, &words.write_to(&contact.unwrap_or_default()));
    list(&mut body, "ul", words.wishes.into_iter().map(ToOwned::to_owned));
    heading(&mut body, words.contacts);
    list(
        &mut body,
        "ul",
        organisation
            .contacts
            .iter()
            .map(|contact| format!("{}: {}", words.role(contact.role), ways(contact).collect::<Vec<_>>().join(", "))),
    );
    if let Some(notice) = &organisation.privacy_notice {
        paragraph(&mut body, &link(&notice.url.to_string(), words.privacy));
    }
    body.push_str(&languages(words.locale));
    html::document(words.locale, &escape(&terms.title), &body)
}

fn is_open(app: &App, public: &PublicCampaign) -> bool {
    let stops = app.stops.load();
    let mut stops = stops.of_campaign(public.live.organisation.id, public.live.campaign.id());
    public.live.takes_actions(app.clock.now()).is_ok() && !stops.any(|stop| stop.work.stops_submissions())
}

/// How it is known that the supporters are who they say.
fn proof(terms: &CampaignTerms, words: &Words) -> String {
    match &terms.confirmation_waiver {
        Some(waiver) => format!("{} {}", words.unconfirmed, escape(waiver)),
        None => words.confirmed.to_owned(),
    }
}

fn campaign_header(organisation: &OrganisationTerms, terms: &CampaignTerms) -> String {
    format!("{CAMPAIGN_HEADER}: {}", campaign_label(&organisation.slug, terms.slug.as_str()))
}

/// The contact that offices turn to with a wish; every campaign has one of these.
fn for_wishes(organisation: &OrganisationTerms) -> Option<&Contact> {
    let roles = [ContactRole::Policy, ContactRole::SupporterCare, ContactRole::Complaints, ContactRole::DataProtection];
    roles.into_iter().find_map(|role| organisation.contact(role))
}

fn ways(contact: &Contact) -> impl Iterator<Item = String> {
    let email = contact.email.as_ref().map(|email| link(&format!("mailto:{}", email.as_str()), email.as_str()));
    let phone = contact.phone.as_ref().map(|phone| escape(phone.as_str()));
    let url = contact.url.as_ref().map(|url| link(&url.to_string(), &url.to_string()));
    [email, phone, url].into_iter().flatten()
}

fn languages(shown: Locale) -> String {
    let others = Locale::ALL.iter().filter(|locale| **locale != shown);
    let links = others.map(|locale| {
        format!(
            "<a href=\"?lang={locale}\" hreflang=\"{locale}\" lang=\"{locale}\">{}</a>",
            Words::of(*locale).language
        )
    });
    format!("<p>{}</p>\n", links.collect::<Vec<_>>().join(" · "))
}

fn link(address: &str, text: &str) -> String {
    format!("<a href=\"{}\">{}</a>", escape(address), escape(text))
}

fn heading(body: &mut String, text: &str) {
    let _ = writeln!(body, "<h2>{text}</h2>");
}

fn paragraph(body: &mut String, html: &str) {
    let _ = writeln!(body, "<p>{html}</p>");
}

fn list(body: &mut String, kind: &str, items: impl Iterator<Item = String>) {
    let _ = writeln!(body, "<{kind}>");
    items.for_each(|item| {
        let _ = writeln!(body, "<li>{item}</li>");
    });
    let _ = writeln!(body, "</{kind}>");
}
