//! The page that a letter names for the office that receives it.

use postbag_tests::campaign::{CampaignPlan, transition};
use postbag_tests::country::ALDER;
use postbag_tests::supporter::{key, submission};

use crate::setup;

#[tokio::test]
async fn a_letter_leads_its_office_to_a_page_about_the_campaign() {
    let server = setup().start().await;
    let campaign = CampaignPlan::fair_care().with("title", "Care <b>now</b>").publish(&server).await;
    let body = submission(&ALDER.postcode(0), "ada@example.org");
    let shown = server.post(&campaign.path("/previews")).json(&body).await.expect(200).json();
    server.post(&campaign.actions()).key(&key()).json(&body).await.expect(201);
    let letter = server.letters(1).await.remove(0);
    let previewed = shown["messages"][0]["body"].as_str().unwrap();
    assert_eq!(previewed.trim_end(), letter.body.trim_end(), "the preview names the page too");
    let link = letter.body.trim_end().rsplit(' ').next().unwrap();
    assert!(link.ends_with("/offices/fair-care"), "{link}");

    let page = server.get("/offices/fair-care").await.expect(200);
    assert!(page.header("content-security-policy").starts_with("default-src 'none'; style-src 'sha256-"));
    let text = page.text();
    for part in [
        "<h1>Care &lt;b&gt;now&lt;/b&gt;</h1>",
        "Harbour Trust (registered charity ",
        "<li>meet patients twice a year</li>",
        "Submissions so far, with those of people who wrote more than once: 1.",
        "X-Postbag-Campaign: harbour-trust/fair-care",
        "The organisation says why: The tests read the letters at once.",
        "one summary a day or a week",
        "<a href=\"mailto:",
    ] {
        assert!(text.contains(part), "{part} is missing in {text}");
    }
    assert!(!text.contains("<script") && !text.contains("ada@example.org"));
}

#[tokio::test]
async fn the_page_speaks_the_language_of_its_reader_and_says_when_a_campaign_is_over() {
    let server = setup().start().await;
    CampaignPlan::fair_care().confirmed_by_mail().publish(&server).await;
    let text = |path: &'static str, language: &'static str| {
        let call = server.get(path).header("accept-language", language);
        async move { call.await.expect(200).text() }
    };
    let welsh = text("/offices/fair-care", "cy, en;q=0.5").await;
    assert!(welsh.contains("<html lang=\"cy\">") && welsh.contains("Beth mae’n gofyn amdano"), "{welsh}");
    let gaelic = text("/offices/fair-care?lang=gd", "cy").await;
    assert!(gaelic.contains("<html lang=\"gd\">") && gaelic.contains("Tha an iomairt fosgailte."), "{gaelic}");
    assert!(text("/offices/fair-care?lang=xx", "fr").await.contains("confirmed it from their own inbox"));
    transition(&server, "fair-care", "closed").await.expect(200);
    assert!(text("/offices/fair-care", "en").await.contains("takes no new letters at present"));
    let twice = server.get("/offices/fair-care?lang=cy&lang=gd").await.expect(200);
    assert!(twice.header("vary").contains("Accept-Language"));
    let unknown = server.get("/offices/nothing").await.expect(404);
    assert!(unknown.text().contains("This campaign is not shown"), "{}", unknown.text());
}
