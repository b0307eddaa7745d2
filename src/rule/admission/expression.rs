//! A check as one expression of Kubernetes' CEL.
//!
//! The loop variables are called `self` and `key`, as rules call them, so that their text can stay: only `pod` and
//! `psa` have other names there.

use crate::facts::{Base, Each, PodSecurityVersion, Step};
use crate::rule::cel::{Expr, Expression};

/// The pod of whatever holds one.
pub(super) const POD_VARIABLES: &[(&str, &str)] = &[
    (
        "template",
        "object.kind == 'Pod' ? object : object.kind == 'PodTemplate' ? object.?template.orValue({}) : \
         object.kind == 'CronJob' ? object.?spec.?jobTemplate.?spec.?template.orValue({}) : \
         object.?spec.?template.orValue({})",
    ),
    ("pod", "variables.template.?spec.orValue({})"),
];

/// True where nothing is wrong.
pub(super) fn sound(each: &Each, when: Option<&Expression>, deny: &Expression, version: PodSecurityVersion) -> String {
    let deny = renamed(deny, version);
    let Some(when) = when else { return format!("!({})", any(each, &deny)) };
    let of_node = |id| matches!(when.expr(id), Expr::Variable(name) if matches!(&**name, "self" | "key"));
    let (about_node, when) = (when.ids().any(of_node), renamed(when, version));
    if about_node {
        format!("!({})", any(each, &format!("({when}) && ({deny})")))
    } else {
        format!("!({when}) || !({})", any(each, &deny))
    }
}

/// The text of an expression with the variables that have other names there.
fn renamed(expression: &Expression, version: PodSecurityVersion) -> String {
    let source = expression.source();
    let mut places: Vec<(usize, usize, String)> = expression
        .ids()
        .filter_map(|id| {
            let new = match expression.expr(id) {
                Expr::Variable(name) if &**name == "pod" => "variables.pod".to_owned(),
                Expr::Variable(name) if &**name == "psa" => version.minor().to_string(),
                _ => return None,
            };
            let span = expression.span(id);
            Some((span.start, span.end, new))
        })
        .collect();
    // `has(pod.x)` may hold the variable twice in the tree.
    places.sort();
    places.dedup();
    let mut text = String::new();
    let mut at = 0;
    for (start, end, new) in places {
        text.push_str(source.get(at..start).unwrap_or_default());
        text.push_str(&new);
        at = end;
    }
    text.push_str(source.get(at..).unwrap_or_default());
    text.trim().to_owned()
}

/// Whether `body` holds for any node that `each` selects.
pub(super) fn any(each: &Each, body: &str) -> String {
    let start = match each.base() {
        Base::Top => "object",
        Base::Template => "variables.template",
        Base::Pod => "variables.pod",
    };
    let ways: Vec<String> =
        each.paths().iter().map(|path| below(&Here::Node(start.to_owned()), path.steps(), body, 0)).collect();
    ways.join(" || ")
}

/// Where a path has come to.
enum Here {
    /// An expression that gives a value.
    Node(String),
    /// One that gives an optional.
    Maybe(String),
}

impl Here {
    fn list(&self) -> String {
        self.or("[]")
    }

    fn or(&self, nothing: &str) -> String {
        match self {
            Here::Node(node) => node.clone(),
            Here::Maybe(maybe) => format!("{maybe}.orValue({nothing})"),
        }
    }

    fn text(&self) -> &str {
        match self {
            Here::Node(text) | Here::Maybe(text) => text,
        }
    }
}

/// The rest of a path. Each step of a rule's path is one more macro at most, and paths have few.
fn below(here: &Here, steps: &[Step], body: &str, depth: usize) -> String {
    // Lists under several names are one list, so that the rest is written once.
    if let [Step::AnyOf(keys), Step::Items, ..] = steps {
        let lists: Vec<String> = keys.iter().map(|key| Here::Maybe(field(here, key)).list()).collect();
        return below(&Here::Node(format!("({})", lists.join(" + "))), &steps[1..], body, depth);
    }
    let Some((step, rest)) = steps.split_first() else {
        return match here {
            Here::Node(node) if node == "self" => format!("({body})"),
            // There is no way to name a value but a list of it.
            Here::Node(node) => format!("[{node}].exists(self, {body})"),
            Here::Maybe(maybe) => format!("({maybe}.hasValue() && [{maybe}.value()].exists(self, {body}))"),
        };
    };
    match step {
        Step::Key(key) => below(&Here::Maybe(field(here, key)), rest, body, depth),
        Step::AnyOf(keys) => {
            let way = |key: &str| {
                let inner = below(&Here::Maybe(field(here, key)), rest, body, depth);
                // Under alternatives the name is known to the rule as `key`.
                if rest.is_empty() && body.contains("key") {
                    format!("[{}].exists(key, {inner})", quoted(key))
                } else {
                    inner
                }
            };
            let ways: Vec<String> = keys.iter().map(|key| way(key)).collect();
            format!("({})", ways.join(" || "))
        }
        Step::Index(index) => below(&Here::Maybe(format!("{}[?{index}]", here.list())), rest, body, depth),
        Step::Items => {
            let variable = variable(rest, depth);
            let inner = below(&Here::Node(variable.clone()), rest, body, depth + 1);
            // Some lists of the API are `null` where they are empty: the rules of an aggregated role, for one.
            let list = match here {
                Here::Maybe(maybe) if maybe.starts_with("object.") => {
                    format!("optional.ofNonZeroValue({maybe}.orValue([])).orValue([])")
                }
                other => other.list(),
            };
            format!("{list}.exists({variable}, {inner})")
        }
        Step::Values => {
            let map = here.or("{}");
            let key = if rest.is_empty() { "key".to_owned() } else { format!("k{depth}") };
            let inner = below(&Here::Node(format!("{map}[{key}]")), rest, body, depth + 1);
            format!("{map}.exists({key}, {inner})")
        }
    }
}

/// The last loop is over what the rule calls `self`.
fn variable(rest: &[Step], depth: usize) -> String {
    if rest.is_empty() { "self".to_owned() } else { format!("n{depth}") }
}

fn field(here: &Here, key: &str) -> String {
    let plain = key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        && key.bytes().next().is_some_and(|byte| !byte.is_ascii_digit());
    if plain { format!("{}.?{key}", here.text()) } else { format!("{}[?{}]", here.text(), quoted(key)) }
}

/// A text as CEL writes it.
pub(super) fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'"))
}
