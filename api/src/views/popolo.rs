//! What the directory is called in Popolo (<http://www.popoloproject.com/specs/>): one name for a thing in every answer and export.

use postbag_domain::{AreaCode, Legislature, Office};

/// The id of a party: its name in lower-case letters, digits and hyphens.
pub(crate) fn party_id(name: &str) -> String {
    let plain: String = name.chars().flat_map(unaccented).collect();
    let words: Vec<&str> = plain.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).collect();
    if words.is_empty() { "party".to_owned() } else { words.join("-").to_ascii_lowercase() }
}

/// The letter without its accent; what has no plain letter stays as it is.
fn unaccented(c: char) -> impl Iterator<Item = char> {
    let plain = match c.to_lowercase().next().unwrap_or(c) {
        'á' | 'à' | 'â' | 'ä' => 'a',
        'é' | 'è' | 'ê' | 'ë' => 'e',
        'í' | 'ì' | 'î' | 'ï' => 'i',
        'ó' | 'ò' | 'ô' | 'ö' => 'o',
        'ú' | 'ù' | 'û' | 'ü' => 'u',
        'ŵ' => 'w',
        'ŷ' => 'y',
        _ => c,
    };
    std::iter::once(plain).filter(|c| *c != '\'' && *c != '’')
}

/// The id of the organisation whose members hold an office.
pub(crate) fn organization_id(office: Office) -> String {
    match office.legislature() {
        Some(legislature) => legislature.as_str().replace('_', "-"),
        None => "local-government".to_owned(),
    }
}

/// The name of the organisation whose members hold an office.
pub(crate) fn organization_name(office: Office) -> &'static str {
    let name = office.legislature().map_or("Local government", Legislature::name);
    name.strip_prefix("the ").unwrap_or(name)
}

/// The id of the post of an office for an area.
pub(crate) fn post_id(office: Office, area: AreaCode) -> String {
    format!("{office}/{area}")
}

/// The name of a post.
pub(crate) fn post_label(office: Office, area_name: &str) -> String {
    if area_name.is_empty() { office.title().to_owned() } else { format!("{} for {area_name}", office.title()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parties_have_readable_ids() {
        let ids = ["Sinn Féin", "Labour and Co-operative Party", "Workers' Party", "—"].map(party_id);
        assert_eq!(ids, ["sinn-fein", "labour-and-co-operative-party", "workers-party", "party"]);
    }

    #[test]
    fn every_office_belongs_somewhere() {
        assert_eq!(
            (organization_id(Office::Mp).as_str(), organization_name(Office::Mp)),
            ("house-of-commons", "House of Commons")
        );
        assert_eq!(
            (organization_id(Office::Mayor).as_str(), organization_name(Office::Ms)),
            ("local-government", "Senedd")
        );
    }
}
