//! The texts of mails to supporters, for organisations that have none of their own.

use super::MailTemplate;
use crate::{Locale, MailKind, TemplateSource};

/// The default template of a kind in a language.
#[expect(clippy::expect_used, reason = "the texts are constants, and a test composes each of them")]
pub(super) fn template(kind: MailKind, locale: Locale) -> MailTemplate {
    let (subject, body) = text(kind, locale);
    let source = TemplateSource::new(None, locale, subject, body).expect("a default template is well-formed");
    MailTemplate { kind, source }
}

const fn text(kind: MailKind, locale: Locale) -> (&'static str, &'static str) {
    match (kind, locale) {
        (MailKind::Confirmation, Locale::En) => ("Please confirm your message: {{ campaign.title }}", CONFIRMATION_EN),
        (MailKind::Confirmation, Locale::Cy) => ("Cadarnhewch eich neges: {{ campaign.title }}", CONFIRMATION_CY),
        (MailKind::Confirmation, Locale::Gd) => {
            ("Dearbhaich an teachdaireachd agad: {{ campaign.title }}", CONFIRMATION_GD)
        }
        (MailKind::Reminder, Locale::En) => ("Your message has not been sent yet: {{ campaign.title }}", REMINDER_EN),
        (MailKind::Reminder, Locale::Cy) => ("Nid yw eich neges wedi'i hanfon eto: {{ campaign.title }}", REMINDER_CY),
        (MailKind::Reminder, Locale::Gd) => {
            ("Cha deach an teachdaireachd agad a chur fhathast: {{ campaign.title }}", REMINDER_GD)
        }
        (MailKind::FinalFailure, Locale::En) => {
            ("Your letter could not be delivered: {{ campaign.title }}", FAILURE_EN)
        }
        (MailKind::FinalFailure, Locale::Cy) => ("Ni ellid danfon eich llythyr: {{ campaign.title }}", FAILURE_CY),
        (MailKind::FinalFailure, Locale::Gd) => {
            ("Cha b' urrainn dhuinn an litir agad a lìbhrigeadh: {{ campaign.title }}", FAILURE_GD)
        }
        (MailKind::Receipt, Locale::En) => ("Your letter has been sent: {{ campaign.title }}", RECEIPT_EN),
        (MailKind::Receipt, Locale::Cy) => ("Mae eich llythyr wedi'i anfon: {{ campaign.title }}", RECEIPT_CY),
        (MailKind::Receipt, Locale::Gd) => ("Chaidh an litir agad a chur: {{ campaign.title }}", RECEIPT_GD),
        (MailKind::PreferencesLink, Locale::En) => ("Your preferences with {{ organisation.name }}", LINK_EN),
        (MailKind::PreferencesLink, Locale::Cy) => ("Eich dewisiadau gyda {{ organisation.name }}", LINK_CY),
        (MailKind::PreferencesLink, Locale::Gd) => ("Na roghainnean agad le {{ organisation.name }}", LINK_GD),
        (MailKind::PreferencesChanged, Locale::En) => {
            ("Your preferences with {{ organisation.name }} have changed", CHANGED_EN)
        }
        (MailKind::PreferencesChanged, Locale::Cy) => {
            ("Mae eich dewisiadau gyda {{ organisation.name }} wedi newid", CHANGED_CY)
        }
        (MailKind::PreferencesChanged, Locale::Gd) => {
            ("Dh'atharraich na roghainnean agad le {{ organisation.name }}", CHANGED_GD)
        }
    }
}

const CONFIRMATION_EN: &str = "\
Hello,

Thank you for writing to {% for name in representatives %}{% if not loop.first %}, {% endif %}{{ name }}{% endfor %} with \
\"{{ campaign.title }}\".

Nothing has been sent yet. Please confirm that it was you:

{{ link }}

Or type this code on the page where you wrote: {{ code }}

You can do so until {{ confirm_by }}. After that the message and your details are deleted.

If you did not write it, do nothing: nothing will be sent.

{{ organisation.name }}
";

const REMINDER_EN: &str = "\
Hello,

Your message to {% for name in representatives %}{% if not loop.first %}, {% endif %}{{ name }}{% endfor %} with \
\"{{ campaign.title }}\" still waits for you. It is sent as soon as you confirm it:

{{ link }}

Or type this code on the page where you wrote: {{ code }}

You can do so until {{ confirm_by }}. After that the message and your details are deleted. This is the only reminder.

If you did not write it, do nothing: nothing will be sent.

{{ organisation.name }}
";

const CONFIRMATION_CY: &str = "\
Helo,

Diolch am ysgrifennu at {% for name in representatives %}{% if not loop.first %}, {% endif %}{{ name }}{% endfor %} gyda \
\"{{ campaign.title }}\".

Nid oes dim wedi'i anfon eto. Cadarnhewch mai chi ysgrifennodd:

{{ link }}

Neu teipiwch y cod hwn ar y dudalen lle ysgrifennoch: {{ code }}

Gallwch wneud hynny tan {{ confirm_by }}. Ar ôl hynny caiff y neges a'ch manylion eu dileu.

Os nad chi ysgrifennodd, peidiwch â gwneud dim: ni chaiff dim ei anfon.

{{ organisation.name }}
";

const REMINDER_CY: &str = "\
Helo,

Mae eich neges at {% for name in representatives %}{% if not loop.first %}, {% endif %}{{ name }}{% endfor %} gyda \
\"{{ campaign.title }}\" yn dal i aros amdanoch. Caiff ei hanfon cyn gynted ag y byddwch yn ei chadarnhau:

{{ link }}

Neu teipiwch y cod hwn ar y dudalen lle ysgrifennoch: {{ code }}

Gallwch wneud hynny tan {{ confirm_by }}. Ar ôl hynny caiff y neges a'ch manylion eu dileu. Dyma'r unig nodyn atgoffa.

Os nad chi ysgrifennodd, peidiwch â gwneud dim: ni chaiff dim ei anfon.

{{ organisation.name }}
";

const CONFIRMATION_GD: &str = "\
Halò,

Tapadh leat airson sgrìobhadh gu {% for name in representatives %}{% if not loop.first %}, {% endif %}{{ name }}{% endfor %} le \
\"{{ campaign.title }}\".

Cha deach dad a chur fhathast. Dearbhaich gur tusa a sgrìobh:

{{ link }}

No sgrìobh an còd seo air an duilleig far an do sgrìobh thu: {{ code }}

Faodaidh tu sin a dhèanamh gu {{ confirm_by }}. Às dèidh sin thèid an teachdaireachd agus am fiosrachadh agad a sguabadh às.

Mura tusa a sgrìobh, na dèan dad: cha tèid dad a chur.

{{ organisation.name }}
";

const REMINDER_GD: &str = "\
Halò,

Tha an teachdaireachd agad gu {% for name in representatives %}{% if not loop.first %}, {% endif %}{{ name }}{% endfor %} le \
\"{{ campaign.title }}\" fhathast a' feitheamh ort. Thèid a cur cho luath 's a dhearbhas tu i:

{{ link }}

No sgrìobh an còd seo air an duilleig far an do sgrìobh thu: {{ code }}

Faodaidh tu sin a dhèanamh gu {{ confirm_by }}. Às dèidh sin thèid an teachdaireachd agus am fiosrachadh agad a sguabadh às. \
Seo an aon chuimhneachan.

Mura tusa a sgrìobh, na dèan dad: cha tèid dad a chur.

{{ organisation.name }}
";

const FAILURE_EN: &str = "\
Hello,

Your letter to {% for name in representatives %}{% if not loop.first %}, {% endif %}{{ name }}{% endfor %} with \
\"{{ campaign.title }}\" could not be delivered: their office's mail system did not take it. We will not try again.

You can still reach them: every parliament lists its members with a telephone number and a postal address.
{% if letter %}
This is your letter, to send it yourself:

{{ letter }}
{% endif %}
{{ organisation.name }}
";

const FAILURE_CY: &str = "\
Helo,

Ni ellid danfon eich llythyr at {% for name in representatives %}{% if not loop.first %}, {% endif %}{{ name }}{% endfor %} gyda \
\"{{ campaign.title }}\": ni dderbyniodd system bost eu swyddfa ef. Ni fyddwn yn ceisio eto.

Gallwch gysylltu â nhw o hyd: mae pob senedd yn rhestru ei haelodau gyda rhif ffôn a chyfeiriad post.
{% if letter %}
Dyma eich llythyr, i chi ei anfon eich hun:

{{ letter }}
{% endif %}
{{ organisation.name }}
";

const FAILURE_GD: &str = "\
Halò,

Cha b' urrainn dhuinn an litir agad gu {% for name in representatives %}{% if not loop.first %}, {% endif %}{{ name }}{% endfor %} le \
\"{{ campaign.title }}\" a lìbhrigeadh: cha do ghabh siostam puist na h-oifis aca i. Cha dèan sinn oidhirp eile.

Faodaidh tu fhathast fios a chur thuca: tha gach pàrlamaid a' foillseachadh àireamh fòn agus seòladh puist nam ball aice.
{% if letter %}
Seo an litir agad, gus a cur leat fhèin:

{{ letter }}
{% endif %}
{{ organisation.name }}
";

const RECEIPT_EN: &str = "\
Hello,

Your letter with \"{{ campaign.title }}\" has been taken by the mail system of \
{% for name in representatives %}{% if not loop.first %}, {% endif %}{{ name }}{% endfor %}. An answer will come to you directly.
{% if waiting %}
It is still on its way to {% for name in waiting %}{% if not loop.first %}, {% endif %}{{ name }}{% endfor %}.
{% endif %}{% if letter %}
This is what you wrote:

{{ letter }}
{% endif %}
{{ organisation.name }}
";

const RECEIPT_CY: &str = "\
Helo,

Mae eich llythyr gyda \"{{ campaign.title }}\" wedi'i dderbyn gan system bost \
{% for name in representatives %}{% if not loop.first %}, {% endif %}{{ name }}{% endfor %}. Daw ateb yn uniongyrchol atoch chi.
{% if waiting %}
Mae'n dal ar ei ffordd at {% for name in waiting %}{% if not loop.first %}, {% endif %}{{ name }}{% endfor %}.
{% endif %}{% if letter %}
Dyma'r hyn a ysgrifennoch:

{{ letter }}
{% endif %}
{{ organisation.name }}
";

const RECEIPT_GD: &str = "\
Halò,

Ghabh siostam puist {% for name in representatives %}{% if not loop.first %}, {% endif %}{{ name }}{% endfor %} ris an litir agad le \
\"{{ campaign.title }}\". Thig freagairt dìreach thugad.
{% if waiting %}
Tha i fhathast air a slighe gu {% for name in waiting %}{% if not loop.first %}, {% endif %}{{ name }}{% endfor %}.
{% endif %}{% if letter %}
Seo na sgrìobh thu:

{{ letter }}
{% endif %}
{{ organisation.name }}
";

const LINK_EN: &str = "\
Hello,

You asked {{ organisation.name }} for the page on which you can see and change what we may do with your details:

{{ link }}

The link works until {{ valid_until }}. It is for you alone: please do not pass it on.

If you did not ask for it, do nothing: nothing has been changed.

{{ organisation.name }}
";

const LINK_CY: &str = "\
Helo,

Gofynnoch i {{ organisation.name }} am y dudalen lle gallwch weld a newid yr hyn y cawn ei wneud â'ch manylion:

{{ link }}

Bydd y ddolen yn gweithio tan {{ valid_until }}. I chi yn unig y mae: peidiwch â'i rhannu.

Os na ofynnoch amdani, peidiwch â gwneud dim: nid oes dim wedi newid.

{{ organisation.name }}
";

const LINK_GD: &str = "\
Halò,

Dh'iarr thu air {{ organisation.name }} an duilleag far am faic thu agus far an atharraich thu na dh'fhaodas sinn a dhèanamh leis an \
fhiosrachadh agad:

{{ link }}

Obraichidh an ceangal gu {{ valid_until }}. 'S ann dhutsa a-mhàin a tha e: na toir do dhuine eile e.

Mura do dh'iarr thu e, na dèan dad: cha deach dad atharrachadh.

{{ organisation.name }}
";

const CHANGED_EN: &str = "\
Hello,

{{ organisation.name }} has recorded this change of your preferences:
{% for change in changes %}
- {{ change }}{% endfor %}

It is in force now. You can see all your preferences and change them here until {{ valid_until }}:

{{ link }}

If you did not ask for this change, please tell us: answer this mail.

{{ organisation.name }}
";

const CHANGED_CY: &str = "\
Helo,

Mae {{ organisation.name }} wedi cofnodi'r newid hwn i'ch dewisiadau:
{% for change in changes %}
- {{ change }}{% endfor %}

Mae mewn grym yn awr. Gallwch weld eich holl ddewisiadau a'u newid yma tan {{ valid_until }}:

{{ link }}

Os na ofynnoch am y newid hwn, rhowch wybod i ni: atebwch y neges hon.

{{ organisation.name }}
";

const CHANGED_GD: &str = "\
Halò,

Chlàraich {{ organisation.name }} an t-atharrachadh seo air na roghainnean agad:
{% for change in changes %}
- {{ change }}{% endfor %}

Tha e an sàs a-nis. Chì thu na roghainnean agad uile agus atharraichidh tu iad an seo gu {{ valid_until }}:

{{ link }}

Mura do dh'iarr thu an t-atharrachadh seo, innis dhuinn: freagair am post-d seo.

{{ organisation.name }}
";
