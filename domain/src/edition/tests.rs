use super::*;
use crate::*;
use proptest::prelude::*;
use uuid::Uuid;

const BODY: &str = "Dear {{ representative.salutation }},\n\n{{ personal_message }}\n\n{% for ask in asks %}\
    {{ loop.index }}. {{ ask }}\n{% endfor %}\n{{ supporter.name }}\n{{ supporter.address }}";

fn template(office: Option<Office>, locale: Locale, subject: &str, body: &str) -> TemplateVersion {
    let source = TemplateSource::new(office, locale, subject, body).unwrap();
    TemplateVersion { id: TemplateId::new(Uuid::nil()), version: 1, source }
}

fn content(templates: Vec<TemplateVersion>) -> EditionContent {
    EditionContent {
        campaign_title: "Fair Care".to_owned(),
        organisation_name: "Example Trust".to_owned(),
        sending_domain: None,
        body_kind: None,
        personal_message: PersonalMessageRule::Optional,
        asks: vec![EditionAsk { position: 1, text: "Publish the waits".to_owned(), addressed_to: AddressedTo::Body }],
        templates,
        default_locale: Locale::En,
        digest: None,
        receipt_by_mail: false,
    }
}

fn edition(content: EditionContent) -> Edition {
    Edition::compile(EditionId::new(Uuid::nil()), CampaignId::new(Uuid::nil()), content).unwrap()
}

fn words(message: Option<&str>) -> SupporterWords {
    let mut words = sample::words(Locale::En, false).unwrap();
    words.personal_message = message.map(|message| PersonalMessage::parse(message).unwrap());
    words
}

fn to(office: Office) -> Addressee {
    sample::addressee(office, None, 0).unwrap()
}

fn letter(subject: &str, body: &str, message: Option<&str>) -> Result<Letter, ComposeError> {
    edition(content(vec![template(None, Locale::En, subject, body)])).compose(&words(message), &to(Office::Mp))
}

/// Pointers and codes.
type Places = &'static [(&'static str, &'static str)];

fn flaws(content: &EditionContent, subject: &str, body: &str) -> Vec<(String, &'static str)> {
    let source = TemplateSource::new(None, Locale::En, subject, body).unwrap();
    let errors = content.check_template(&source, &[Office::Mp, Office::Ms]).err();
    errors.iter().flat_map(FieldErrors::iter).map(|error| (error.pointer().to_owned(), error.flaw().code())).collect()
}

#[test]
fn a_letter_holds_everything_an_office_looks_for() {
    let letter = letter("Care in {{ area.name }}", BODY, Some("I waited.")).unwrap();
    assert_eq!(letter.subject, "Care in Exampleton and Sampleford");
    assert_eq!(
        letter.body,
        "Dear Alex Example,\n\nI waited.\n\n1. Publish the waits\n\nSiân Sample-Jones\n1 Sample Street\nUpper Example\n\
         Exampleton\nZA99 9ZZ\n\nSent with \"Fair Care\", a campaign by Example Trust.\n"
    );
}

#[test]
fn a_letter_that_does_not_say_who_writes_is_signed() {
    let letter = letter("Hello", "Please act. {{ personal_message }}", None).unwrap();
    let expected = "Please act.\n\nI am your constituent.\nSiân Sample-Jones\n1 Sample Street\nUpper Example\nExampleton\nZA99 9ZZ\n";
    assert!(letter.body.starts_with(expected), "{}", letter.body);
}

#[test]
fn a_letter_ends_with_the_page_for_offices() {
    let pages = OfficePages::at("https://act.example.org");
    let page = pages.of(&Slug::parse("fair-care").unwrap());
    let edition = edition(content(vec![template(None, Locale::En, "Hello", BODY)])).with_office_page(page);
    let letter = edition.compose(&words(None), &to(Office::Mp)).unwrap();
    let last =
        "\nFor offices, about this campaign and how to be written to: https://act.example.org/offices/fair-care\n";
    assert!(letter.body.ends_with(last), "{}", letter.body);
}

#[test]
fn what_a_supporter_types_is_never_a_template() {
    let typed = "{{ 7*7 }} {% for x in range(9) %}<b>&amp;{{ supporter.name }}{# c #}";
    assert!(letter("Hello", BODY, Some(typed)).unwrap().body.contains(typed));
}

#[test]
fn no_html_is_escaped_in_plain_text() {
    assert!(
        letter("Tom & \"Jerry\"", "<p>{{ personal_message }}", Some("a < b & c"))
            .unwrap()
            .body
            .contains("<p>a < b & c")
    );
}

#[test]
fn line_ends_and_spaces_are_settled() {
    let letter = letter("Hello", "\r\n a  \r\n\tb\t\nc {{ personal_message }}\n\n\n", None).unwrap();
    assert!(letter.body.starts_with("a\n\tb\nc\n\nI am"), "{:?}", letter.body);
    assert!(letter.body.ends_with(".\n"));
}

#[test]
fn the_template_is_the_closest_to_the_office_and_the_language() {
    let all = [
        (Some(Office::Ms), Locale::Cy, "ms cy"),
        (Some(Office::Ms), Locale::En, "ms en"),
        (None, Locale::Cy, "all cy"),
        (None, Locale::En, "all en"),
    ];
    let content = content(all.map(|(office, locale, subject)| template(office, locale, subject, BODY)).into());
    let edition = edition(content);
    let cases = [
        (Office::Ms, Locale::Cy, "ms cy"),
        (Office::Ms, Locale::Gd, "ms en"),
        (Office::Mp, Locale::Cy, "all cy"),
        (Office::Mp, Locale::Gd, "all en"),
    ];
    for (office, locale, subject) in cases {
        let letter = edition.compose(&SupporterWords { locale, ..words(None) }, &to(office)).unwrap();
        assert_eq!(letter.subject, subject);
        assert_eq!(letter.locale.as_str(), &subject[subject.len() - 2..]);
    }
}

#[test]
fn the_campaign_line_speaks_the_language_of_the_letter() {
    let edition = edition(content(vec![template(None, Locale::Cy, "Helo", BODY)]));
    let error = edition.compose(&words(None), &to(Office::Mp)).unwrap_err();
    assert_eq!(error.reason, ComposeReason::NoTemplate);
    let letter = edition.compose(&SupporterWords { locale: Locale::Cy, ..words(None) }, &to(Office::Mp)).unwrap();
    assert!(letter.body.ends_with("Anfonwyd drwy \"Fair Care\", ymgyrch gan Example Trust.\n"));
}

#[test]
fn a_letter_about_a_body_needs_one() {
    let error = letter("Hello", "{{ body.name }}", None).unwrap_err();
    assert_eq!((error.reason, error.part, error.line), (ComposeReason::ValueMissing, LetterPart::Body, Some(1)));
    let edition = edition(content(vec![template(None, Locale::En, "Hello", "{{ body.name }}, {{ bodies|length }}")]));
    let addressee = sample::addressee(Office::Mp, Some(AreaKind::CancerAlliance), 2).unwrap();
    assert!(edition.compose(&words(None), &addressee).unwrap().body.starts_with("Exampleshire Sample Body, 2\n"));
}

#[test]
fn an_error_tells_nothing_of_the_person() {
    let error = letter("Hello", "{{ personal_message|shout }}", Some("a secret")).unwrap_err();
    assert!(!format!("{error} {error:?}").contains("secret"));
}

#[test]
fn a_good_template_can_be_saved() {
    assert_eq!(flaws(&content(vec![]), "Care in {{ area.name }}", BODY), vec![]);
}

#[test]
fn every_flaw_of_a_template_is_told_with_its_place() {
    let content = content(vec![]);
    let cases: &[(&str, &str, Places)] = &[
        ("{{ }}", "{% if %}", &[("/subject", "template_syntax"), ("/body", "template_syntax")]),
        (
            "{{ nobody }}",
            "{{ supporter.email }} {{ personal_message }}",
            &[("/subject", "template_variable_unknown"), ("/body", "template_variable_unknown")],
        ),
        ("Hello", "Please act.", &[("/body", "template_personal_message_missing")]),
        ("Hello", "{{ personal_message }}{{ body.name }}", &[("/body", "template_value_missing")]),
        ("Hello", "{{ personal_message|shout }}", &[("/body", "template_refused")]),
        (
            "Hello",
            "{{ personal_message }}{% for a in campaign.title %}{% for b in campaign.title %}{% for c in campaign.title %}\
             {% for d in campaign.title %}{% for e in campaign.title %}{% endfor %}{% endfor %}{% endfor %}{% endfor %}{% endfor %}",
            &[("/body", "template_too_much_work")],
        ),
        (
            "Hello",
            "{{ personal_message }}{% for a in campaign.title %}{% for b in campaign.title %}{% for c in campaign.title %}\
             0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789\
             0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789\
             {% endfor %}{% endfor %}{% endfor %}",
            &[("/body", "template_output_too_long")],
        ),
        (
            "{% for a in campaign.title %}0123456789 0123456789 0123456789 0123456789 0123456789{% endfor %}",
            "{{ personal_message }}",
            &[("/subject", "template_subject_unfit")],
        ),
        ("{{ supporter.address }}", "{{ personal_message }}", &[("/subject", "template_subject_unfit")]),
        ("{% if false %}x{% endif %}", "{{ personal_message }}", &[("/subject", "template_subject_unfit")]),
        ("Hello", "{% if false %}{{ personal_message }}{% endif %}", &[("/body", "template_body_unfit")]),
    ];
    for (subject, body, expected) in cases {
        let found = flaws(&content, subject, body);
        let found: Vec<_> = found.iter().map(|(pointer, code)| (pointer.as_str(), *code)).collect();
        assert_eq!(found, *expected, "{subject} / {body}");
    }
}

#[test]
fn a_syntax_error_names_its_line() {
    let source = TemplateSource::new(None, Locale::En, "Hello", "a\nb\n{% endfor %}").unwrap();
    let errors = content(vec![]).check_template(&source, &[Office::Mp]).unwrap_err();
    assert!(errors.iter().any(|error| error.flaw().detail().starts_with("line 3: ")), "{errors}");
}

#[test]
fn a_template_is_tried_without_a_message_too() {
    let body = "{{ personal_message }}{% if personal_message == '' %}{{ 1|shout }}{% endif %}";
    assert_eq!(flaws(&content(vec![]), "Hello", body), vec![("/body".to_owned(), "template_refused")]);
    let required = EditionContent { personal_message: PersonalMessageRule::Required, ..content(vec![]) };
    assert_eq!(flaws(&required, "Hello", body), vec![]);
}

#[test]
fn the_newest_version_of_each_template_is_used() {
    let version = |version, subject: &str| TemplateVersion { version, ..template(None, Locale::En, subject, BODY) };
    let terms = CampaignContent::new(CampaignFields {
        slug: "fair-care".to_owned(),
        title: "Fair Care".to_owned(),
        ..CampaignFields::default()
    });
    let organisation = OrganisationContent::new(OrganisationFields {
        slug: "trust".to_owned(),
        name: "Example Trust".to_owned(),
        ..OrganisationFields::default()
    });
    let templates = [version(1, "one"), version(3, "three"), version(2, "two")];
    let content = EditionContent::assemble(&terms.unwrap(), &organisation.unwrap(), &[], &templates);
    assert_eq!(content.templates.len(), 1);
    assert_eq!(content.templates[0].source.subject(), "three");
}

#[test]
fn a_stored_edition_comes_back_as_it_was() {
    let content = content(vec![template(Some(Office::Ms), Locale::Cy, "Helo", BODY)]);
    let json = serde_json::to_string(&content).unwrap();
    assert_eq!(serde_json::from_str::<EditionContent>(&json).unwrap(), content);
    assert!(serde_json::from_str::<EditionContent>(&json.replace("Helo", "")).is_err());
}

#[test]
fn every_sample_is_made() {
    for locale in Locale::ALL {
        assert!(sample::words(*locale, true).is_some_and(|words| words.personal_message.is_some()));
    }
    for office in Office::ALL {
        assert_eq!(sample::addressee(*office, Some(AreaKind::Icb), 2).unwrap().bodies.len(), 2);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn composing_is_total_and_settled(message in "(\\PC|\n){0,200}", subject in "\\PC{1,80}") {
        let Ok(message) = PersonalMessage::parse(&message) else { return Ok(()) };
        let mut words = words(None);
        words.personal_message = Some(message);
        let Ok(source) = TemplateSource::new(None, Locale::En, "{{ campaign.title }}", BODY) else { return Ok(()) };
        let version = TemplateVersion { id: TemplateId::new(Uuid::nil()), version: 1, source };
        let content = EditionContent { campaign_title: subject, ..content(vec![version]) };
        let first = edition(content.clone()).compose(&words, &to(Office::Mp));
        prop_assert_eq!(&first, &edition(content).compose(&words, &to(Office::Mp)));
        if let Ok(letter) = first {
            prop_assert!(!letter.subject.chars().any(char::is_control));
            prop_assert!(!letter.body.chars().any(|c| c.is_control() && c != '\n'));
            prop_assert!(letter.body.lines().all(|line| line == line.trim_end()));
            prop_assert!(letter.body.contains("1 Sample Street"));
        }
    }
}
