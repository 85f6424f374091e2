//! Counts against targets (84). Values in, lines out.

use super::{Count, Line, Part, name};
use crate::members::Group;
use crate::policies::rules::InsuranceTarget;

/// The target of a unit: at the root that of all.
pub fn target_of(target: &InsuranceTarget, code: &str, at_root: bool) -> Option<i64> {
    match at_root {
        true => Some(target.people),
        false => target
            .units
            .iter()
            .find(|unit| *unit.unit == *code)
            .map(|unit| unit.people),
    }
}

/// Each of the eight groups, in their order.
pub fn by_group(counts: &[(Group, Count)], target: Option<&InsuranceTarget>) -> Vec<Line> {
    let line = |group: &Group| {
        let counted = counts.iter().find(|(of, _)| of == group);
        let targets = target.map_or(&[][..], |target| &target.groups);
        let wanted = targets.iter().find(|wanted| *wanted.group == *group.as_str());
        Line {
            group: Part {
                id: group.as_str().to_owned(),
                name: name(*group).to_owned(),
            },
            target: wanted.map(|wanted| wanted.people),
            count: counted.map(|(_, count)| *count).unwrap_or_default(),
        }
    };
    Group::ALL.iter().map(line).collect()
}

/// Each unit that has a target or insured people; `units` are id, code and name.
pub fn by_unit(
    units: Vec<(String, String, String)>,
    counts: &[(String, Count)],
    target: Option<&InsuranceTarget>,
) -> Vec<Line> {
    let line = |(id, code, name): (String, String, String)| {
        let counted = counts.iter().find(|(of, _)| *of == id).map(|(_, count)| *count);
        let wanted = target.and_then(|target| target_of(target, &code, false));
        (counted.is_some() || wanted.is_some()).then(|| Line {
            group: Part { id, name },
            target: wanted,
            count: counted.unwrap_or_default(),
        })
    };
    units.into_iter().filter_map(line).collect()
}
