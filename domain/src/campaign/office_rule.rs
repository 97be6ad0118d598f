//! Where an office is written to, and how many of the people who hold it together.

use super::content::{check_set, within};
use crate::words::words;
use crate::{Findings, Flaw, Nation, Office};
use serde::{Deserialize, Serialize};

words! {
    /// How many of the people who hold an office for one area together are written to, and who decides which.
    WriteTo, "write_to_unknown" {
        /// All of them.
        All = "all",
        /// Those that the supporter chooses.
        Choice = "choice",
        /// Some drawn by lot: for one supporter always the same.
        Random = "random",
        /// Those to whom the campaign wrote least so far.
        LeastWrittenTo = "least_written_to",
    }
}

/// The most people that a rule may name a number of.
const MOST: u32 = 100;

/// A rule before it is checked; also its stored form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "each field is documented where it is checked: OfficeRule")]
pub struct OfficeRuleFields {
    pub office: String,
    pub nations: Option<Vec<String>>,
    pub write_to: String,
    pub up_to: Option<u32>,
}

impl Default for OfficeRuleFields {
    /// The default rule: all holders, in every nation that has the office.
    fn default() -> Self {
        Self { office: String::new(), nations: None, write_to: WriteTo::All.to_string(), up_to: None }
    }
}

/// A campaign's rule for one of its offices.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfficeRule {
    office: Office,
    nations: Option<Vec<Nation>>,
    write_to: WriteTo,
    up_to: Option<u32>,
}

impl OfficeRule {
    /// The rule of an office for which a campaign states none: all of its holders, in every nation that elects it.
    pub const fn all(office: Office) -> Self {
        Self { office, nations: None, write_to: WriteTo::All, up_to: None }
    }

    /// The office.
    pub fn office(&self) -> Office {
        self.office
    }

    /// How many of the people who hold it together are written to, and who decides which.
    pub fn write_to(&self) -> WriteTo {
        self.write_to
    }

    /// At most how many; nothing where all are.
    pub fn up_to(&self) -> Option<u32> {
        self.up_to
    }

    /// True if people of `nation` elect the office and the rule has it written to there.
    pub fn holds_in(&self, nation: Nation) -> bool {
        self.office.serves(nation) && self.nations.as_ref().is_none_or(|nations| nations.contains(&nation))
    }

    /// Checks a campaign's rules; pointers are `/office_rules/N/…`. `offices` are the campaign's, unless they are flawed themselves.
    pub(super) fn check_all(
        findings: &mut Findings,
        rules: Vec<OfficeRuleFields>,
        offices: Option<&[Office]>,
    ) -> Option<Vec<Self>> {
        if rules.len() > Office::ALL.len() {
            return findings.check("/office_rules", Err(Flaw::new("too_many", "must be at most one for each office")));
        }
        let mut taken = Vec::with_capacity(rules.len());
        let check = |(index, fields): (usize, OfficeRuleFields)| {
            let at = format!("/office_rules/{index}");
            let office = findings.check(format!("{at}/office"), office(&fields.office, offices, &taken));
            taken.extend(office);
            Self::check(findings, &at, fields, office)
        };
        let checked: Vec<_> = rules.into_iter().enumerate().map(check).collect();
        checked.into_iter().collect()
    }

    fn check(findings: &mut Findings, at: &str, fields: OfficeRuleFields, office: Option<Office>) -> Option<Self> {
        let nations = match fields.nations {
            None => Some(None),
            Some(words) => check_nations(findings, &format!("{at}/nations"), &words, office).map(Some),
        };
        let write_to = findings.check(format!("{at}/write_to"), write_to(&fields.write_to, office))?;
        let up_to = findings.check(format!("{at}/up_to"), up_to(write_to, fields.up_to))?;
        Some(Self { office: office?, nations: nations?, write_to, up_to })
    }
}

/// One of the campaign's offices that has no rule yet.
fn office(word: &str, offices: Option<&[Office]>, taken: &[Office]) -> Result<Office, Flaw> {
    let office: Office = word.parse()?;
    match offices {
        Some(offices) if !offices.contains(&office) => {
            Err(Flaw::new("office_not_of_campaign", "must be one of the campaign's offices"))
        }
        _ if taken.contains(&office) => Err(Flaw::new("repeated", "must not have two rules")),
        _ => Ok(office),
    }
}

fn check_nations(findings: &mut Findings, at: &str, words: &[String], office: Option<Office>) -> Option<Vec<Nation>> {
    if words.is_empty() {
        findings
            .note(at, Flaw::new("nations_missing", "must name a nation, or be absent for all that elect the office"));
    }
    check_set(findings, at, words, |word| {
        let nation = word.parse()?;
        match office {
            Some(office) if !office.serves(nation) => {
                let detail = format!("the people of {nation} do not elect the office {office}");
                Err(Flaw::new("office_not_elected_there", detail))
            }
            _ => Ok(nation),
        }
    })
}

fn write_to(word: &str, office: Option<Office>) -> Result<WriteTo, Flaw> {
    match (word.parse()?, office) {
        (WriteTo::Choice | WriteTo::Random | WriteTo::LeastWrittenTo, Some(office)) if office.is_single() => {
            Err(Flaw::new("office_single", format!("must be all: an area has one holder of the office {office}")))
        }
        (write_to, _) => Ok(write_to),
    }
}

fn up_to(write_to: WriteTo, given: Option<u32>) -> Result<Option<u32>, Flaw> {
    match (write_to, given) {
        (WriteTo::All, None) => Ok(None),
        (WriteTo::All, Some(_)) => Err(Flaw::new("up_to_not_wanted", "must be absent where all are written to")),
        (WriteTo::Choice, None) => Err(Flaw::new("up_to_missing", "must say how many may be chosen")),
        (WriteTo::Random | WriteTo::LeastWrittenTo, None) => Ok(Some(1)),
        (WriteTo::Choice | WriteTo::Random | WriteTo::LeastWrittenTo, Some(most)) => within(most, 1, MOST).map(Some),
    }
}

impl From<OfficeRule> for OfficeRuleFields {
    fn from(rule: OfficeRule) -> Self {
        Self {
            office: rule.office.to_string(),
            nations: rule.nations.map(|nations| nations.iter().map(ToString::to_string).collect()),
            write_to: rule.write_to.to_string(),
            up_to: rule.up_to,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{FieldError, FieldErrors};

    fn fields(office: &str, write_to: &str, up_to: Option<u32>) -> OfficeRuleFields {
        OfficeRuleFields { office: office.to_owned(), nations: None, write_to: write_to.to_owned(), up_to }
    }

    fn check(rules: Vec<OfficeRuleFields>) -> Result<Vec<OfficeRule>, FieldErrors> {
        let mut findings = Findings::new();
        let checked = OfficeRule::check_all(&mut findings, rules, Some(&[Office::Mp, Office::Ms, Office::MspRegion]));
        findings.finish(checked)
    }

    fn flaws(rules: Vec<OfficeRuleFields>) -> String {
        let errors = check(rules).unwrap_err();
        let told = |error: &FieldError| format!("{} {}", error.pointer(), error.flaw().code());
        errors.iter().map(told).collect::<Vec<_>>().join(", ")
    }

    #[test]
    fn a_lot_is_drawn_for_one_unless_said_otherwise() {
        let rules =
            check(vec![fields("ms", "random", None), fields("msp_region", "least_written_to", Some(2))]).unwrap();
        assert_eq!(rules.iter().map(OfficeRule::up_to).collect::<Vec<_>>(), [Some(1), Some(2)]);
        assert_eq!(check(vec![fields("mp", "all", None)]).unwrap(), [OfficeRule::all(Office::Mp)]);
    }

    #[test]
    fn a_rule_holds_where_people_elect_the_office_and_it_says_so() {
        let everywhere = OfficeRule::all(Office::Mp);
        assert!(Nation::ALL.iter().all(|nation| everywhere.holds_in(*nation)));
        let nations = Some(vec!["wales".to_owned(), "scotland".to_owned()]);
        let rules = check(vec![OfficeRuleFields { nations, ..fields("mp", "all", None) }]).unwrap();
        let held = Nation::ALL.iter().filter(|nation| rules[0].holds_in(**nation)).map(|nation| nation.as_str());
        assert_eq!(held.collect::<Vec<_>>(), ["scotland", "wales"]);
        assert!(!OfficeRule::all(Office::Ms).holds_in(Nation::England));
    }

    #[test]
    fn every_flaw_of_the_rules_is_told_at_once() {
        let nations = |words: &[&str]| Some(words.iter().map(ToString::to_string).collect());
        let rules = vec![
            fields("mp", "random", Some(1)),
            fields("mla", "all", None),
            fields("ms", "choice", None),
            OfficeRuleFields { nations: nations(&["wales", "england", "mars"]), ..fields("ms", "all", Some(3)) },
            OfficeRuleFields { nations: nations(&[]), ..fields("msp_region", "lottery", None) },
        ];
        let expected = "/office_rules/0/write_to office_single, /office_rules/1/office office_not_of_campaign, \
                        /office_rules/2/up_to up_to_missing, /office_rules/3/office repeated, \
                        /office_rules/3/nations/2 nation_unknown, /office_rules/3/up_to up_to_not_wanted, \
                        /office_rules/4/nations nations_missing, /office_rules/4/write_to write_to_unknown";
        assert_eq!(flaws(rules), expected);
        let unelected = OfficeRuleFields { nations: nations(&["england"]), ..fields("ms", "choice", Some(0)) };
        let expected = "/office_rules/0/nations/0 office_not_elected_there, /office_rules/0/up_to out_of_range";
        assert_eq!(flaws(vec![unelected]), expected);
        assert_eq!(flaws(vec![OfficeRuleFields::default(); 10]), "/office_rules too_many");
    }
}
