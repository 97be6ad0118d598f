//! The page that a mailed link opens where a campaign's front end has none: plain HTML, which works without scripts.

use super::confirmations::{chosen, confirm};
use super::html::{self, document};
use crate::app::App;
use crate::http::extract::Path;
use crate::http::problem::Answer;
use crate::outbound::escape;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Form, ServiceConfig};
use actix_web::{HttpResponse, get, post};
use postbag_domain::{ActionId, ActionStatus, ConfirmedBy, Locale};
use postbag_persistence::{ConfirmableAction, Confirmation};
use serde::Deserialize;
use std::fmt::Write as _;
use uuid::Uuid;

/// Serves the page. It is for people and no part of the API, so it is not in the document.
pub(crate) fn register(routes: &mut ServiceConfig) {
    routes.service(get_confirmation_page).service(confirm_on_page);
}

/// Shows what waits for the person. Opening it changes nothing (B17).
#[get("/confirm/{token}")]
async fn get_confirmation_page(app: Data<App>, token: Path<String>) -> Answer {
    let Some(action) = opened(&app, &token.0).await? else { return Ok(page(gone())) };
    let words = Words::of(locale(&action));
    let waiting = app.store.waiting_beside(&action).await?;
    Ok(page(if waiting.is_empty() { words.thanks() } else { words.waiting(&waiting) }))
}

/// The submission that the person chose.
#[derive(Deserialize)]
struct Choice {
    action: Uuid,
}

/// Confirms what the page's button names.
#[post("/confirm/{token}")]
async fn confirm_on_page(app: Data<App>, token: Path<String>, choice: Form<Choice>) -> Answer {
    let Some(action) = opened(&app, &token.0).await? else { return Ok(page(gone())) };
    let Some(id) = chosen(&app, &action, Some(ActionId::new(choice.action))).await? else {
        return Ok(page(gone()));
    };
    Ok(match confirm(&app, id, ConfirmedBy::Link).await? {
        Confirmation::Done | Confirmation::Before => page(Words::of(locale(&action)).thanks()),
        Confirmation::Expired | Confirmation::Unknown => page(gone()),
    })
}

/// The action of a token that is good, unless it has expired.
async fn opened(app: &App, token: &str) -> Answer<Option<ConfirmableAction>> {
    let Some(id) = app.mail_keys.confirmations.open(token, app.clock.now()) else { return Ok(None) };
    let found = app.store.confirmable_action(id).await?;
    let holds = |status| matches!(status, ActionStatus::AwaitingConfirmation | ActionStatus::Confirmed);
    Ok(found.filter(|found| holds(found.status)))
}

fn locale(action: &ConfirmableAction) -> Locale {
    action.words.as_ref().map_or(Locale::En, |words| words.locale)
}

fn page(html: String) -> HttpResponse {
    html::page(StatusCode::OK, "no-store", html)
}

fn gone() -> String {
    document(
        Locale::En,
        "This link does not work",
        "<p>It may be older than a week, or only a part of it was copied. Nothing was sent. You can write again on the \
         campaign’s page.</p>",
    )
}

/// The page's words in one language.
struct Words {
    locale: Locale,
    confirm: &'static str,
    explain: &'static str,
    several: &'static str,
    to: &'static str,
    button: &'static str,
    thanks: &'static str,
    sent: &'static str,
}

impl Words {
    const fn of(locale: Locale) -> Self {
        match locale {
            Locale::En => Self {
                locale,
                confirm: "Please confirm your message",
                explain: "Nothing has been sent yet. If you did not write this, close the page: nothing will be sent.",
                several: "Several messages wait in your name. Confirm the one that is yours.",
                to: "To",
                button: "Confirm and send",
                thanks: "Thank you",
                sent: "Your message is confirmed and on its way.",
            },
            Locale::Cy => Self {
                locale,
                confirm: "Cadarnhewch eich neges",
                explain: "Nid oes dim wedi'i anfon eto. Os nad chi ysgrifennodd, caewch y dudalen: ni chaiff dim ei anfon.",
                several: "Mae sawl neges yn aros yn eich enw. Cadarnhewch yr un sy'n eiddo i chi.",
                to: "At",
                button: "Cadarnhau ac anfon",
                thanks: "Diolch",
                sent: "Mae eich neges wedi'i chadarnhau ac ar ei ffordd.",
            },
            Locale::Gd => Self {
                locale,
                confirm: "Dearbhaich an teachdaireachd agad",
                explain: "Cha deach dad a chur fhathast. Mura tusa a sgrìobh, dùin an duilleag: cha tèid dad a chur.",
                several: "Tha grunn theachdaireachdan a' feitheamh nad ainm. Dearbhaich an tè a sgrìobh thu.",
                to: "Gu",
                button: "Dearbh agus cuir",
                thanks: "Tapadh leat",
                sent: "Tha an teachdaireachd agad air a dearbhadh agus air a slighe.",
            },
        }
    }

    fn thanks(&self) -> String {
        document(self.locale, self.thanks, &format!("<p>{}</p>", self.sent))
    }

    fn waiting(&self, waiting: &[ConfirmableAction]) -> String {
        let mut body = format!("<p>{}</p>\n", self.explain);
        if waiting.len() > 1 {
            let _ = writeln!(body, "<p>{}</p>", self.several);
        }
        for action in waiting {
            let Some(words) = &action.words else { continue };
            let message = words.personal_message.as_ref().map_or("", |message| message.as_str());
            let _ = write!(
                body,
                "<form method=\"post\">\n<p>{to}: {names}</p>\n<p>{name}</p>\n<blockquote>{message}</blockquote>\n\
                 <button name=\"action\" value=\"{id}\">{button}</button>\n</form>\n",
                to = self.to,
                names = escape(&action.representatives.join(", ")),
                name = escape(&words.name.full()),
                message = escape(message).replace('\n', "<br>"),
                id = action.id,
                button = self.button,
            );
        }
        document(self.locale, self.confirm, &body)
    }
}
