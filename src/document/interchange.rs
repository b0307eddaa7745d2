//! Trees as JSON values and back, for fact files that are kept and judged again later.
//!
//! Knows how each value is written; spans, comments and repeated names do not survive. A value that is unknown
//! is written as `{"$unknown": "why"}`.

use serde_json::{Map, Number, Value as Json};

use super::{BudgetSpent, Builder, Document, Entry, Kind, MAX_DEPTH, NodeId, Value};

/// The only name in a map that stands for an unknown value.
const UNKNOWN: &str = "$unknown";
/// Why a value is unknown that lies below [`MAX_DEPTH`].
const TOO_DEEP: &str = "nested too deep";

/// The tree below `root` as a JSON value of at most `budget` values; aliases are written out.
///
/// # Errors
/// When there are more values than `budget`.
pub fn to_json(document: &Document, root: NodeId, budget: usize) -> Result<Json, BudgetSpent> {
    let mut left = budget;
    to_json_without(document, root, &mut left, &|_| false).ok_or(BudgetSpent { limit: budget })
}

/// As [`to_json`], without the entries of maps whose value is `left_out`; takes what it writes off `left`, and
/// gives nothing when that is spent.
pub fn to_json_without(
    document: &Document,
    root: NodeId,
    left: &mut usize,
    left_out: &dyn Fn(&Value) -> bool,
) -> Option<Json> {
    json(document, root, 0, left, left_out)
}

/// Recursion ends at [`MAX_DEPTH`].
fn json(
    document: &Document,
    id: NodeId,
    depth: usize,
    left: &mut usize,
    left_out: &dyn Fn(&Value) -> bool,
) -> Option<Json> {
    *left = left.checked_sub(1)?;
    Some(match document.value(id) {
        Value::List(_) | Value::Map(_) if depth >= MAX_DEPTH => unknown(TOO_DEEP),
        Value::Null => Json::Null,
        Value::Bool(value) => Json::Bool(*value),
        Value::Int(value) => Json::from(*value),
        Value::Float(value) => Number::from_f64(*value).map_or_else(|| unknown("not a finite number"), Json::Number),
        Value::Str(value) => Json::from(&**value),
        Value::Unknown(why) => unknown(why),
        Value::List(items) => Json::Array(
            items.iter().map(|item| json(document, *item, depth + 1, left, left_out)).collect::<Option<_>>()?,
        ),
        Value::Map(entries) => {
            let mut map = Map::new();
            for entry in entries.iter().filter(|entry| !left_out(document.value(entry.value))) {
                map.insert(entry.key.to_string(), json(document, entry.value, depth + 1, left, left_out)?);
            }
            Json::Object(map)
        }
    })
}

fn unknown(why: &str) -> Json {
    Json::Object(Map::from_iter([(UNKNOWN.to_owned(), Json::from(why))]))
}

/// A tree from a JSON value; it has no spans.
pub fn from_json(kind: Kind, json: &Json) -> Document {
    let mut builder = Builder::default();
    let root = node(&mut builder, json, 0);
    builder.finish(kind, root)
}

/// Recursion ends at [`MAX_DEPTH`].
fn node(builder: &mut Builder, json: &Json, depth: usize) -> NodeId {
    let value = match json {
        Json::Array(_) | Json::Object(_) if depth >= MAX_DEPTH => Value::Unknown(TOO_DEEP.into()),
        Json::Null => Value::Null,
        Json::Bool(value) => Value::Bool(*value),
        Json::Number(number) => match number.as_i64() {
            Some(whole) => Value::Int(whole),
            None => number.as_f64().map_or_else(|| Value::Unknown("not a number".into()), Value::Float),
        },
        Json::String(text) => Value::Str(text.as_str().into()),
        Json::Array(items) => Value::List(items.iter().map(|item| node(builder, item, depth + 1)).collect()),
        Json::Object(map) => match why_unknown(map) {
            Some(why) => Value::Unknown(why.into()),
            None => Value::Map(map.iter().map(|(key, value)| entry(builder, key, value, depth + 1)).collect()),
        },
    };
    builder.add(value, None)
}

fn entry(builder: &mut Builder, key: &str, value: &Json, depth: usize) -> Entry {
    Entry { key: key.into(), key_span: None, value: node(builder, value, depth), used_at: None }
}

fn why_unknown(map: &Map<String, Json>) -> Option<&str> {
    if map.len() == 1 { map.get(UNKNOWN)?.as_str() } else { None }
}

#[cfg(test)]
mod tests {
    use super::super::{Format, parse};
    use super::*;

    #[test]
    fn json_comes_back_as_it_went() {
        let cases = [
            r#"{"b":1,"a":[true,null,"x",1.5,-9223372036854775808],"c":{"d":{}}}"#, // order stays
            r#"{"x":{"$unknown":"access denied"}}"#,
            r#"{"x":{"$unknown":"why","more":1}}"#, // two names: an ordinary map
            r#"{"x":{"$unknown":1}}"#,              // no reason: an ordinary map
            "1e30",
            r#""text""#,
        ];
        for text in cases {
            let json: Json = serde_json::from_str(text).unwrap();
            let document = from_json(Kind::S3Bucket, &json);
            assert_eq!(document.kind, Kind::S3Bucket);
            assert_eq!(to_json(&document, document.root(), 100).unwrap(), json, "{text}");
        }
        let json: Json = serde_json::from_str(cases[1]).unwrap();
        let document = from_json(Kind::S3Bucket, &json);
        let x = document.get(document.root(), "x").unwrap();
        assert_eq!(document.value(x), &Value::Unknown("access denied".into()));
    }

    #[test]
    fn what_json_cannot_hold_is_unknown() {
        let document = parse(Format::Yaml, b"a: .inf\na: .nan\n").documents.remove(0);
        let json = to_json(&document, document.root(), 100).unwrap();
        assert_eq!(json.to_string(), r#"{"a":{"$unknown":"not a finite number"}}"#, "and the last of two names counts");
    }

    #[test]
    fn a_budget_stops_the_writing() {
        let document = parse(Format::Json, b"[1,[2,3]]").documents.remove(0);
        assert!(to_json(&document, document.root(), 5).is_ok());
        assert_eq!(to_json(&document, document.root(), 4), Err(BudgetSpent { limit: 4 }));
        let mut text = "a0: &a0 [x, x]\n".to_owned();
        for level in 1..100 {
            text += &format!("a{level}: &a{level} [*a{0}, *a{0}]\n", level - 1);
        }
        let document = parse(Format::Yaml, text.as_bytes()).documents.remove(0);
        assert_eq!(to_json(&document, document.root(), 100_000), Err(BudgetSpent { limit: 100_000 }));
    }

    #[test]
    fn depth_is_bounded_both_ways() {
        let mut json = Json::Null;
        for _ in 0..1000 {
            json = Json::Array(vec![json]);
        }
        let document = from_json(Kind::Json, &json);
        assert_eq!(document.len(), MAX_DEPTH + 1);
        assert!(to_json(&document, document.root(), 10_000).unwrap().to_string().contains(TOO_DEEP));
    }
}
