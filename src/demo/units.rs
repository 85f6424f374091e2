//! The union tree of Wuhu at the date of the plan of 2020, with region codes of that date (2). Units that are not
//! named in the plan are invented; none is a real enterprise.

use crate::organizations::Kind::{self, *};

/// A unit with staff of its own: it looks after what is below it.
pub(super) struct Area {
    pub name: &'static str,
    pub kind: Kind,
    pub code: &'static str,
    pub region: &'static str,
    /// Share of all households.
    pub weight: usize,
    /// How much of the five ones it gets done, in percent: some units lag.
    pub diligence: usize,
    /// Towns or streets, each with two basic unions.
    pub streets: &'static [&'static str],
    /// Basic unions directly below.
    pub basics: &'static [&'static str],
}

/// The city.
pub(super) const ROOT: (&str, &str) = ("芜湖市总工会", "340200");

const fn area(
    (name, kind, code, region): (&'static str, Kind, &'static str, &'static str),
    (weight, diligence): (usize, usize),
    streets: &'static [&'static str],
    basics: &'static [&'static str],
) -> Area {
    Area {
        name,
        kind,
        code,
        region,
        weight,
        diligence,
        streets,
        basics,
    }
}

/// Districts, counties, zones, systems and federations. The named accounts belong to the first and the fifth.
#[rustfmt::skip]
pub(super) const AREAS: &[Area] = &[
    area(("镜湖区总工会", District, "340202", "340202"), (14, 91),
        &["赭山街道", "滨江街道", "弋矶山街道"],
        &["环卫所", "百货商场", "第二毛纺厂改制职工", "中心菜市场"]),
    area(("弋江区总工会", District, "340203", "340203"), (11, 84),
        &["马塘街道", "中南街道"],
        &["高新科技园", "水泥制品厂", "澛港社区服务中心", "机械铸造公司", "城南商圈"]),
    area(("鸠江区总工会", District, "340207", "340207"), (12, 88),
        &["四褐山街道", "官陡街道", "沈巷镇"],
        &["纺织印染公司", "湾里建材市场", "机器人产业园", "二坝造船厂"]),
    area(("三山区总工会", District, "340208", "340208"), (6, 72),
        &["三山街道", "峨桥镇"],
        &["绿色食品产业园", "茶叶市场", "三山港务公司"]),
    area(("无为市总工会", County, "340281", "340281"), (14, 79),
        &["无城镇", "高沟镇", "襄安镇"],
        &["电缆产业园", "羽毛羽绒厂", "无城环卫所", "建筑安装公司"]),
    area(("芜湖县总工会", County, "340221", "340221"), (9, 86),
        &["湾沚镇", "六郎镇"],
        &["新芜产业园", "航空产业园", "湾沚粮油公司", "县汽车运输公司"]),
    area(("繁昌县总工会", County, "340222", "340222"), (9, 58),
        &["繁阳镇", "孙村镇"],
        &["服装产业园", "荻港水泥厂", "矿山采掘公司", "横山印刷公司"]),
    area(("南陵县总工会", County, "340223", "340223"), (9, 75),
        &["籍山镇", "弋江镇"],
        &["智慧物流园", "大米加工厂", "县供销合作社", "籍山环卫所"]),
    area(("芜湖经济技术开发区总工会", DevelopmentZone, "340200-K1", "340200"), (7, 90), &[],
        &["汽车零部件一厂", "汽车零部件二厂", "家电配套厂", "模具厂", "园区保洁公司", "园区公交公司"]),
    area(("芜湖长江大桥开发区工会", DevelopmentZone, "340200-K2", "340200"), (3, 66), &[],
        &["电线电缆厂", "桥区物流公司", "涂料化工厂", "包装材料厂"]),
    area(("江北产业集中区工会联合会", DevelopmentZone, "340200-K3", "340200"), (3, 38), &[],
        &["新材料厂", "江北安置区物业公司", "智能装备厂", "江北建设工地"]),
    area(("市教育系统工会", System, "340200-X1", "340200"), (1, 96), &[],
        &["中小学后勤服务中心", "职业学校", "幼教中心"]),
    area(("市卫生健康系统工会", System, "340200-X2", "340200"), (2, 94), &[],
        &["护工服务中心", "社区卫生服务中心", "医院后勤公司"]),
    area(("市交通运输系统工会", System, "340200-X3", "340200"), (3, 81), &[],
        &["公交公司", "出租车公司", "航运公司", "公路养护中心"]),
    area(("市住房和城乡建设系统工会", System, "340200-X4", "340200"), (2, 77), &[],
        &["市政工程公司", "园林养护公司", "房屋修缮公司"]),
    area(("市道路货运行业工会联合会", IndustryFederation, "340200-H1", "340200"), (3, 63), &[],
        &["货车司机联合工会", "零担货运市场"]),
    area(("市快递配送行业工会联合会", IndustryFederation, "340200-H2", "340200"), (3, 70), &[],
        &["快递员联合工会", "网约送餐员联合工会"]),
    area(("市家政护理行业工会联合会", IndustryFederation, "340200-H3", "340200"), (2, 83), &[],
        &["家政服务员联合工会", "护工护理员联合工会"]),
    area(("市商贸服务行业工会联合会", IndustryFederation, "340200-H4", "340200"), (2, 69), &[],
        &["商场信息员联合工会", "房产中介员联合工会", "保安员联合工会"]),
];

/// Enterprises and resident units directly below the city; the city's own staff looks after them.
pub(super) const DIRECT: &[(&str, Kind, &str)] = &[
    ("江城重型机械公司工会", DirectEnterprise, "340200-Z1"),
    ("江城纺织集团工会", DirectEnterprise, "340200-Z2"),
    ("江城自来水公司工会", DirectEnterprise, "340200-Z3"),
    ("江城造船公司工会", DirectEnterprise, "340200-Z4"),
    ("江城燃气公司工会", DirectEnterprise, "340200-Z5"),
    ("驻芜铁路工务段工会", ResidentUnit, "340200-W1"),
    ("驻芜电力检修公司工会", ResidentUnit, "340200-W2"),
    ("驻芜邮政分公司工会", ResidentUnit, "340200-W3"),
];

/// Basic unions of each town or street.
pub(super) const STREET_BASICS: &[&str] = &["社区联合工会", "小微企业联合工会"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tree_has_about_a_hundred_basic_unions_and_names_are_unique() {
        let basics: usize = AREAS.iter().map(|a| a.basics.len() + 2 * a.streets.len()).sum();
        assert!((80..=120).contains(&basics), "{basics}");
        let names: std::collections::HashSet<_> = AREAS.iter().map(|a| a.name).collect();
        assert_eq!(names.len(), AREAS.len());
        assert_eq!(AREAS[..8].iter().filter(|a| a.code == a.region).count(), 8);
    }
}
