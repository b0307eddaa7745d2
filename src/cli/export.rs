//! `bedrail export`: rules for other programs to run.

use std::fmt::Write;

use super::arguments::AdmissionArguments;
use super::complaint::Complaint;
use super::output::remark;
use super::setup::all_rules;
use super::{Exit, print};
use crate::rule::admission::{self, Action};
use crate::rule::{Rule, nearest};

/// Writes rules as ValidatingAdmissionPolicies; says which cannot be, and why.
pub(super) fn admission(arguments: &AdmissionArguments) -> Result<Exit, Complaint> {
    let folders: Vec<_> = arguments.rules.iter().map(|folder| (folder.clone(), folder.display().to_string())).collect();
    let mut rules = all_rules(&folders)?;
    let known: Vec<&str> = rules.iter().map(|rule| rule.id.as_str()).collect();
    if let Some(wrong) = arguments.ids.iter().find(|id| !known.contains(&id.as_str())) {
        let help = nearest(wrong, &known).map(|near| format!("did you mean `{near}`?"));
        let help = help.unwrap_or_else(|| "`bedrail rules list` shows all".to_owned());
        return Err(Complaint::usage(format!("there is no rule `{}`", crate::text::visible(wrong)), help));
    }
    // Unasked, rules about text are no news.
    let wanted = |rule: &Rule| match arguments.ids.as_slice() {
        [] => rule.family() == "kubernetes" && rule.check.is_some(),
        ids => ids.contains(&rule.id),
    };
    rules.retain(wanted);
    rules.sort_by(|a, b| a.id.cmp(&b.id));
    let actions = match arguments.action.as_slice() {
        [] => vec![Action::Audit],
        actions => actions.iter().map(|action| (*action).into()).collect(),
    };
    let version = arguments.psa_version.unwrap_or_default();
    let (mut manifests, mut left_out) = (String::new(), Vec::new());
    let mut count = 0;
    for rule in &rules {
        match admission::policy(rule, version) {
            Ok(policy) => {
                count += 1;
                manifests.push_str(&admission::manifest(rule, &policy, &actions));
            }
            Err(why) => left_out.push(format!("{}: {why}", rule.id)),
        }
    }
    let mut text = format!(
        "# ValidatingAdmissionPolicies (Kubernetes 1.30 and later) of {count} of bedrail's rules,\n\
         # workloads held against the Pod Security Standards {version}.\n"
    );
    if !left_out.is_empty() {
        text.push_str("# Not among them:\n");
    }
    for line in &left_out {
        let _ = writeln!(text, "# - {line}");
        remark(&format!("left out: {line}"));
    }
    text.push_str(&manifests);
    print(|out| out.write_all(text.as_bytes()))
}
