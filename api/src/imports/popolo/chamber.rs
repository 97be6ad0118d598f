//! Which offices a chamber's members hold.

use postbag_domain::Office;

/// The offices of a chamber's members, by its id or name; nothing for a chamber whose members are not written to here.
pub(super) fn offices(chamber: &str) -> Option<&'static [Office]> {
    let chamber: String = chamber.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect();
    let is = |words: &[&str]| words.iter().any(|word| chamber.contains(word));
    if is(&["houseofcommons", "commons"]) {
        Some(&[Office::Mp])
    } else if is(&["scottishparliament"]) {
        Some(&[Office::MspConstituency, Office::MspRegion])
    } else if is(&["senedd", "welshparliament", "welshassembly", "nationalassemblyforwales"]) {
        Some(&[Office::Ms, Office::MsRegion])
    } else if is(&["northernirelandassembly"]) {
        Some(&[Office::Mla])
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chambers_are_known_by_id_and_by_name() {
        assert_eq!(offices("house-of-commons"), Some(&[Office::Mp][..]));
        assert_eq!(offices("National Assembly for Wales"), Some(&[Office::Ms, Office::MsRegion][..]));
        assert_eq!(offices("scottish-parliament").map(<[_]>::len), Some(2));
        assert_eq!(offices("northern-ireland-assembly"), Some(&[Office::Mla][..]));
        assert_eq!(offices("house-of-lords"), None);
    }
}
