//! Reports to an organisation when submissions wait for somebody to look at them.

use crate::{Locale, MailText, uk_day};
use chrono::{DateTime, Utc};

/// From how many on it is worth a mail.
const WORTH_A_MAIL: i64 = 10;

/// A campaign's submissions that wait for a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReviewQueue {
    /// How many.
    pub waiting: i64,
    /// How many there were when they were last reported; 0 if they were not.
    pub reported: i64,
    /// By when somebody has to have looked at the first of them.
    pub due_at: DateTime<Utc>,
}

impl ReviewQueue {
    /// True once there are ten, and again each time that there are twice as many.
    pub const fn is_worth_a_mail(&self) -> bool {
        self.waiting >= WORTH_A_MAIL && self.waiting >= 2 * self.reported
    }

    /// How many are to be remembered as reported: none once the queue has shrunk, so that the next ten are reported again.
    pub const fn remembered(&self) -> i64 {
        if self.is_worth_a_mail() {
            self.waiting
        } else if self.waiting < WORTH_A_MAIL {
            0
        } else {
            self.reported
        }
    }

    /// The mail that says so, in a language of staff.
    pub fn mail(&self, campaign: &str, slug: &str, locale: Locale) -> MailText {
        let (waiting, day) = (self.waiting, uk_day(self.due_at));
        let day = if locale == Locale::Cy { Locale::Cy.day(day) } else { Locale::En.day(day) };
        match locale {
            Locale::En | Locale::Gd => MailText {
                subject: format!("{waiting} submissions to “{campaign}” wait for you"),
                body: format!(
                    "{waiting} submissions to “{campaign}” are held until somebody has looked at them. The first has to be decided on by \
                     {day}; what nobody looks at by then ends or goes out, as the campaign says.\n\n\
                     They are listed by GET /v1/admin/moderation?state=in_review&campaign={slug}, and decided on by \
                     POST /v1/admin/moderation/decisions.\n\n\
                     The next mail comes once there are twice as many.\n"
                ),
                locale: Locale::En,
            },
            Locale::Cy => MailText {
                subject: format!("Mae {waiting} o gyflwyniadau i “{campaign}” yn aros amdanoch"),
                body: format!(
                    "Mae {waiting} o gyflwyniadau i “{campaign}” yn cael eu dal nes bod rhywun wedi edrych arnynt. Rhaid penderfynu ar y \
                     cyntaf erbyn {day}; bydd yr hyn nad oes neb wedi edrych arno erbyn hynny yn dod i ben neu'n cael ei anfon, fel y \
                     dywed yr ymgyrch.\n\n\
                     Rhestrir hwy gan GET /v1/admin/moderation?state=in_review&campaign={slug}, a phenderfynir arnynt gan \
                     POST /v1/admin/moderation/decisions.\n\n\
                     Daw'r e-bost nesaf pan fydd dwywaith cymaint.\n"
                ),
                locale: Locale::Cy,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn queue(waiting: i64, reported: i64) -> ReviewQueue {
        ReviewQueue { waiting, reported, due_at: "2026-12-04T09:00:00Z".parse().unwrap() }
    }

    #[test]
    fn a_queue_is_reported_at_ten_and_at_each_doubling_and_again_after_it_was_worked_off() {
        let table = [
            (9, 0, false, 0),
            (10, 0, true, 10),
            (19, 10, false, 10),
            (20, 10, true, 20),
            (15, 20, false, 20),
            (3, 20, false, 0),
        ];
        for (waiting, reported, is_worth, remembered) in table {
            let queue = queue(waiting, reported);
            assert_eq!((queue.is_worth_a_mail(), queue.remembered()), (is_worth, remembered), "{waiting} {reported}");
        }
    }

    #[test]
    fn the_mail_says_how_many_wait_and_until_when() {
        let mail = queue(12, 0).mail("Fair care", "fair-care", Locale::En);
        assert_eq!(mail.subject, "12 submissions to “Fair care” wait for you");
        assert!(mail.body.contains("by 4 December 2026") && mail.body.contains("campaign=fair-care"), "{}", mail.body);
        assert!(queue(12, 0).mail("Gofal teg", "gofal-teg", Locale::Cy).body.contains("4 Rhagfyr 2026"));
    }
}
