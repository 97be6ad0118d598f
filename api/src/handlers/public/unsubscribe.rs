//! The end of mail by one click (RFC 8058, B30).

use super::html::{document, private_page};
use super::preferences::{preferred, record};
use crate::app::App;
use crate::handlers::preferences::Person;
use crate::http::extract::{AcceptLanguage, Path};
use crate::http::problem::{Answer, Problem};
use actix_web::web::{Data, ServiceConfig};
use actix_web::{get, post};
use postbag_domain::{Locale, PreferenceChange};
use postbag_persistence::Reach;

/// Serves the page. It is for people who open the link themselves, and no part of the API.
pub(crate) fn register(routes: &mut ServiceConfig) {
    routes.service(get_unsubscribe_page);
}

/// End mail with one click
///
/// For mail programs and providers, by the address in `List-Unsubscribe` (RFC 8058): no login, no cookie, no redirect. Everything by email
/// ends: what the person was asked for, and receipts. Once more is harmless and answers the same. A browser gets a page.
#[utoipa::path(
    tag = "preferences",
    params(("token" = String, Path, description = "The token of the mail.")),
    responses((status = 200, description = "It has ended.", content_type = "text/html", body = String)),
    extensions(("x-problems" = json!(["not-found"])))
)]
#[post("/unsubscribe/{token}")]
pub(crate) async fn unsubscribe(app: Data<App>, token: Path<String>, languages: AcceptLanguage) -> Answer {
    let supporter = app.mail_keys.preferences.open_unsubscribe(&token.0).ok_or_else(Problem::not_found)?;
    let person = Person::find(&app, Reach::All, supporter).await?;
    let locale = preferred(&languages);
    let open = PreferenceChange::unsubscribe(&person.standing()).filter(|_| person.ledger.address.is_some());
    if let Some(change) = open {
        record(&app, &person, change, locale).await?;
    }
    Ok(private_page(Words::of(locale).done(locale)))
}

/// Shows the button. Opening the link changes nothing: mail scanners open links too (B17).
#[get("/unsubscribe/{token}")]
async fn get_unsubscribe_page(app: Data<App>, token: Path<String>, languages: AcceptLanguage) -> Answer {
    app.mail_keys.preferences.open_unsubscribe(&token.0).ok_or_else(Problem::not_found)?;
    let locale = preferred(&languages);
    Ok(private_page(Words::of(locale).ask(locale)))
}

/// The page's words in one language.
struct Words {
    title: &'static str,
    explain: &'static str,
    button: &'static str,
    done: &'static str,
    ended: &'static str,
}

impl Words {
    const fn of(locale: Locale) -> Self {
        match locale {
            Locale::En => Self {
                title: "End these emails",
                explain: "You will get no more emails of this kind from the organisation. Letters that you send yourself still \
                          leave, and you are told if one cannot be delivered.",
                button: "End them",
                done: "Done",
                ended: "You will get no more of these emails. A last one says what was changed.",
            },
            Locale::Cy => Self {
                title: "Rhoi'r gorau i'r negeseuon hyn",
                explain: "Ni chewch ragor o negeseuon o'r math hwn gan y sefydliad. Bydd llythyrau yr ydych chi'n eu hanfon yn dal i \
                          fynd, a chewch wybod os na ellir danfon un.",
                button: "Rhoi'r gorau iddynt",
                done: "Wedi'i wneud",
                ended: "Ni chewch ragor o'r negeseuon hyn. Bydd un olaf yn dweud beth sydd wedi newid.",
            },
            Locale::Gd => Self {
                title: "Cuir crìoch air na puist-d seo",
                explain: "Chan fhaigh thu an còrr phost-d den t-seòrsa seo bhon bhuidhinn. Falbhaidh litrichean a chuireas tu fhèin \
                          fhathast, agus innsear dhut mura gabh tè a lìbhrigeadh.",
                button: "Cuir crìoch orra",
                done: "Dèanta",
                ended: "Chan fhaigh thu an còrr dhiubh. Innsidh fear mu dheireadh dè dh'atharraich.",
            },
        }
    }

    fn ask(&self, locale: Locale) -> String {
        let form = format!("<p>{}</p>\n<form method=\"post\"><button>{}</button></form>", self.explain, self.button);
        document(locale, self.title, &form)
    }

    fn done(&self, locale: Locale) -> String {
        document(locale, self.done, &format!("<p>{}</p>", self.ended))
    }
}
