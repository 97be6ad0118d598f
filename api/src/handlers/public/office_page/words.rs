//! The words of the page for offices, in each language.

use super::super::html;
use postbag_domain::{ContactRole, Locale};

/// Counts as the public reads them.
pub(super) struct Figures {
    pub(super) actions: i64,
    pub(super) supporters: i64,
    pub(super) contacted: usize,
    pub(super) seats: usize,
}

/// The page's words in one language.
pub(super) struct Words {
    pub(super) locale: Locale,
    /// The language's own name.
    pub(super) language: &'static str,
    pub(super) asks: &'static str,
    pub(super) how_many: &'static str,
    pub(super) how_it_works: &'static str,
    pub(super) by_constituents: &'static str,
    pub(super) confirmed: &'static str,
    pub(super) unconfirmed: &'static str,
    pub(super) differently: &'static str,
    pub(super) wishes: [&'static str; 3],
    pub(super) contacts: &'static str,
    pub(super) privacy: &'static str,
    open: &'static str,
    over: &'static str,
    gone: [&'static str; 2],
}

impl Words {
    pub(super) const fn of(locale: Locale) -> Self {
        match locale {
            Locale::En => Self {
                locale,
                language: "English",
                asks: "What it asks",
                how_many: "How many wrote",
                how_it_works: "How the letters come about",
                by_constituents: "Each letter is written by one person. It goes to the representatives for the postcode of that \
                                  person’s home address, which stands in the letter. Answers go to that person.",
                confirmed: "A letter leaves only after its writer has confirmed it from their own inbox.",
                unconfirmed: "Writers do not confirm their letters by email. The organisation says why:",
                differently: "To be written to differently",
                wishes: [
                    "one summary a day or a week in place of single letters",
                    "letters sent to another address",
                    "no letters from these campaigns at all",
                ],
                contacts: "Whom to contact",
                privacy: "Privacy notice",
                open: "The campaign is open.",
                over: "The campaign takes no new letters at present.",
                gone: [
                    "This campaign is not shown",
                    "It may have been put away, or only a part of its address was copied.",
                ],
            },
            Locale::Cy => Self {
                locale,
                language: "Cymraeg",
                asks: "Beth mae’n gofyn amdano",
                how_many: "Faint sydd wedi ysgrifennu",
                how_it_works: "Sut mae’r llythyrau’n cael eu hysgrifennu",
                by_constituents: "Un person sy’n ysgrifennu pob llythyr. Mae’n mynd at gynrychiolwyr cod post cartref y person hwnnw, \
                                  sydd yn y llythyr. Mae atebion yn mynd at y person hwnnw.",
                confirmed: "Caiff llythyr ei anfon dim ond ar ôl i’r awdur ei gadarnhau o’i flwch post ei hun.",
                unconfirmed: "Nid yw’r awduron yn cadarnhau eu llythyrau drwy e-bost. Mae’r sefydliad yn dweud pam:",
                differently: "I gael negeseuon mewn ffordd wahanol",
                wishes: [
                    "un crynodeb y dydd neu’r wythnos yn lle llythyrau unigol",
                    "llythyrau wedi’u hanfon i gyfeiriad arall",
                    "dim llythyrau o gwbl gan yr ymgyrchoedd hyn",
                ],
                contacts: "Â phwy i gysylltu",
                privacy: "Hysbysiad preifatrwydd",
                open: "Mae’r ymgyrch ar agor.",
                over: "Nid yw’r ymgyrch yn derbyn llythyrau newydd ar hyn o bryd.",
                gone: [
                    "Nid yw’r ymgyrch hon yn cael ei dangos",
                    "Efallai iddi gael ei chadw, neu mai dim ond rhan o’i chyfeiriad a gopïwyd.",
                ],
            },
            Locale::Gd => Self {
                locale,
                language: "Gàidhlig",
                asks: "Na tha i ag iarraidh",
                how_many: "Cia mheud a sgrìobh",
                how_it_works: "Mar a thig na litrichean",
                by_constituents: "’S e aon neach a sgrìobhas gach litir. Thèid i gu na riochdairean airson còd-puist dachaigh an neach \
                                  sin, a tha san litir. Thèid freagairtean chun an neach sin.",
                confirmed: "Cha tèid litir a chur gus an dearbh an sgrìobhadair i bhon bhogsa-puist aca fhèin.",
                unconfirmed: "Cha dearbh na sgrìobhadairean na litrichean aca air post-d. Tha a’ bhuidheann ag ràdh carson:",
                differently: "Gus teachdaireachdan fhaighinn air dòigh eile",
                wishes: [
                    "aon gheàrr-chunntas san latha no san t-seachdain an àite litrichean fa leth",
                    "litrichean air an cur gu seòladh eile",
                    "gun litrichean idir bho na h-iomairtean seo",
                ],
                contacts: "Cò ris a chuireas tu fios",
                privacy: "Fios prìobhaideachd",
                open: "Tha an iomairt fosgailte.",
                over: "Chan eil an iomairt a’ gabhail litrichean ùra an-dràsta.",
                gone: [
                    "Chan eil an iomairt seo ga sealltainn",
                    "’S dòcha gun deach a cur air falbh, no nach deach ach pàirt den t-seòladh a chopaigeadh.",
                ],
            },
        }
    }

    pub(super) fn by(&self, organisation: &str, charity_number: Option<&str>) -> String {
        let number = charity_number.map_or(String::new(), |number| match self.locale {
            Locale::En => format!(" (registered charity {number})"),
            Locale::Cy => format!(" (elusen gofrestredig {number})"),
            Locale::Gd => format!(" (carthannas clàraichte {number})"),
        });
        match self.locale {
            Locale::En => format!("A campaign by {organisation}{number}."),
            Locale::Cy => format!("Ymgyrch gan {organisation}{number}."),
            Locale::Gd => format!("Iomairt le {organisation}{number}."),
        }
    }

    pub(super) const fn standing(&self, is_open: bool) -> &'static str {
        if is_open { self.open } else { self.over }
    }

    pub(super) fn counted(&self, figures: &Figures) -> String {
        let Figures { actions, supporters, contacted, seats } = figures;
        match self.locale {
            Locale::En => format!(
                "Submissions so far, with those of people who wrote more than once: {actions}. By last midnight {supporters} \
                 different people had written, and letters had been taken by the mail servers of {contacted} of {seats} \
                 representatives."
            ),
            Locale::Cy => format!(
                "Cyflwyniadau hyd yma, gan gynnwys rhai pobl a ysgrifennodd fwy nag unwaith: {actions}. Erbyn hanner nos ddiwethaf \
                 nifer y bobl wahanol oedd wedi ysgrifennu oedd {supporters}, ac roedd gweinyddion post {contacted} o {seats} o \
                 gynrychiolwyr wedi derbyn llythyrau."
            ),
            Locale::Gd => format!(
                "Tagraidhean gu ruige seo, a’ gabhail a-steach daoine a sgrìobh barrachd air aon turas: {actions}. Ron mheadhan-oidhche \
                 mu dheireadh bha {supporters} neach fa leth air sgrìobhadh, agus bha frithealaichean puist {contacted} à {seats} \
                 riochdairean air litrichean a ghabhail."
            ),
        }
    }

    pub(super) fn write_to(&self, contact: &str) -> String {
        match self.locale {
            Locale::En => format!("Write from the office’s own address to {contact}. You can have:"),
            Locale::Cy => format!("Ysgrifennwch o gyfeiriad y swyddfa ei hun at {contact}. Gallwch gael:"),
            Locale::Gd => {
                format!("Sgrìobh bho sheòladh na h-oifise fhèin gu {contact}. Faodaidh tu na leanas fhaighinn:")
            }
        }
    }

    pub(super) fn sorting(&self, header: &str) -> String {
        match self.locale {
            Locale::En => {
                format!("A mail rule can keep the letters together: each has the header <code>{header}</code>.")
            }
            Locale::Cy => {
                format!(
                    "Gall rheol e-bost gadw’r llythyrau gyda’i gilydd: mae gan bob un y pennyn <code>{header}</code>."
                )
            }
            Locale::Gd => {
                format!(
                    "Cumaidh riaghailt puist-d na litrichean còmhla: tha am bann-cinn <code>{header}</code> air gach tè."
                )
            }
        }
    }

    pub(super) const fn role(&self, role: ContactRole) -> &'static str {
        match (role, self.locale) {
            (ContactRole::SupporterCare, Locale::En) => "For supporters",
            (ContactRole::SupporterCare, Locale::Cy) => "I gefnogwyr",
            (ContactRole::SupporterCare, Locale::Gd) => "Do luchd-taic",
            (ContactRole::DataProtection, Locale::En) => "About personal data",
            (ContactRole::DataProtection, Locale::Cy) => "Am ddata personol",
            (ContactRole::DataProtection, Locale::Gd) => "Mu dhàta pearsanta",
            (ContactRole::Complaints, Locale::En) => "Complaints",
            (ContactRole::Complaints, Locale::Cy) => "Cwynion",
            (ContactRole::Complaints, Locale::Gd) => "Gearanan",
            (ContactRole::Policy, Locale::En) => "About the policy behind it",
            (ContactRole::Policy, Locale::Cy) => "Am y polisi y tu ôl iddi",
            (ContactRole::Policy, Locale::Gd) => "Mun phoileasaidh air a cùlaibh",
            (ContactRole::Press, Locale::En) => "For journalists",
            (ContactRole::Press, Locale::Cy) => "I newyddiadurwyr",
            (ContactRole::Press, Locale::Gd) => "Do luchd-naidheachd",
        }
    }

    pub(super) fn gone(&self) -> String {
        let [title, text] = self.gone;
        html::document(self.locale, title, &format!("<p>{text}</p>"))
    }
}
