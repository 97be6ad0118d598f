//! The fields of a delivery status (RFC 3464 section 2).

use crate::outbound::scrubbed;
use postbag_domain::{BounceKind, BounceReport, EnhancedStatus, Refusal, Verdict};

/// What the status says of its recipient, and its words. A message of ours has one.
pub(super) fn read(text: &str) -> Option<(BounceReport, String)> {
    let fields = fields(text);
    let find = |name: &str| fields.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
    let status = find("status").and_then(|value| EnhancedStatus::parse(value.split_whitespace().next()?));
    // As in `smtp; 550 5.1.1 user unknown`.
    let diagnostic =
        find("diagnostic-code").map(|value| value.split_once(';').map_or(value, |(_, words)| words).trim());
    let words = diagnostic.unwrap_or_default();
    let code = words.get(..3).and_then(|digits| digits.parse().ok());
    let kind = kind(find("action"), status)?;
    let verdict = Verdict::of(Refusal { status, code, text: words });
    let reply = match (diagnostic, status) {
        (Some(words), _) => scrubbed(words),
        (None, Some(status)) => status.to_string(),
        (None, None) => "no reason given".to_owned(),
    };
    Some((BounceReport { kind, verdict }, reply))
}

/// Nothing for a report of success.
fn kind(action: Option<&str>, status: Option<EnhancedStatus>) -> Option<BounceKind> {
    match action.map(str::to_ascii_lowercase).as_deref() {
        Some("failed") => Some(BounceKind::Failed),
        Some("delayed") => Some(BounceKind::Delayed),
        Some("delivered" | "relayed" | "expanded") => None,
        _ if status?.lasts() => Some(BounceKind::Failed),
        _ => Some(BounceKind::Delayed),
    }
}

/// All fields, unfolded, names in lower case.
fn fields(text: &str) -> Vec<(String, String)> {
    let mut fields: Vec<(String, String)> = Vec::new();
    for line in text.lines() {
        if line.starts_with([' ', '\t']) {
            if let Some((_, value)) = fields.last_mut() {
                value.push(' ');
                value.push_str(line.trim());
            }
        } else if let Some((name, value)) = line.split_once(':') {
            fields.push((name.trim().to_ascii_lowercase(), value.trim().to_owned()));
        }
    }
    fields
}
