//! Examples of bodies, put together from the examples of their fields.

use serde_json::{Map, Value, json};
use utoipa::openapi::schema::Schema;
use utoipa::openapi::{Components, RefOr};

/// Fields that many schemas have, or whose type says too little.
const FIELDS: &[(&str, &str)] = &[
    ("accidental_percent", "80"),
    ("account_number", r#""9999990000000006""#),
    ("accounts_per_unit", "20"),
    ("address", r#""镜湖区某路 1 号""#),
    ("admitted_on", r#""2020-03-02""#),
    ("basic_insurance_fen", "1850000"),
    ("cash", "null"),
    ("code", r#""340202-01""#),
    ("comment", r#""材料已补齐""#),
    ("commercial_insurance_fen", "0"),
    ("critical_illness_insurance_fen", "150000"),
    ("cursor", "null"),
    ("description", r#""米、油""#),
    ("disability_grade", r#""3""#),
    ("disability_kind", r#""limbs""#),
    ("discharged_on", r#""2020-03-20""#),
    ("education", r#""senior_high""#),
    ("employer", r#""芜湖某快递有限公司""#),
    ("employer_fen", "0"),
    ("employer_kind", r#""private""#),
    ("employer_state", r#""in_difficulty""#),
    ("ethnicity", r#""01""#),
    ("first_bad_seq", "null"),
    ("floor_area", r#""from_20_to_50""#),
    ("former_id", "null"),
    ("health", r#""cancer""#),
    ("housing", r#""rented""#),
    ("id_number", r#""340299197001010028""#),
    ("industry", r#""manufacturing""#),
    ("insurer", r#""中国职工保险互助会""#),
    ("kid", r#""01723d2f-5c00-7c44-9d0a-2f6f3a1c5b7e""#),
    ("limit", "50"),
    ("marital_status", r#""married""#),
    ("medical_assistance_fen", "0"),
    ("medical_insurance", r#""employee""#),
    ("model_worker", r#""none""#),
    ("mutual_aid_fen", "0"),
    ("name", r#""陈秀英""#),
    ("next_cursor", "null"),
    ("off_catalogue_fen", "320000"),
    ("other_fen", "0"),
    ("person_status", r#""worker""#),
    ("phone", r#""13900000001""#),
    ("policy_number", r#""HZ20200001""#),
    ("political_status", r#""masses""#),
    ("position", r#""分拣员""#),
    ("primary_cause", r#""major_illness""#),
    ("product", r#""意外伤害互助保障""#),
    ("reason", r#""误登""#),
    ("reference", r#""DZ20200520001""#),
    ("region_code", "null"),
    ("registration", r#""non_agricultural""#),
    ("relation", "null"),
    ("request_id", r#""01723d2f-5c00-7c44-9d0a-2f6f3a1c5b7e""#),
    ("scheme", r#""scheme_2020""#),
    ("scopes", r#"["members:read", "files:read"]"#),
    ("secondary_causes", r#"["no_capacity_to_work"]"#),
    ("stratify_by", "null"),
    ("total_fen", "3000000"),
    ("visitors", r#"["01723d2f-5c00-7c44-9d0a-2f6f3a1c5b7e"]"#),
    ("work_status", r#""sick_leave""#),
];
/// The example of every id.
const ID: &str = "01723d2f-5c00-7c44-9d0a-2f6f3a1c5b7e";

/// Makes examples from the schemas of the document.
pub struct Examples(Value);

impl Examples {
    /// Of the schemas that the document names.
    pub fn of(components: &Components) -> Self {
        Self(serde_json::to_value(&components.schemas).unwrap_or_default())
    }

    /// An example of a body.
    pub fn body(&self, schema: &RefOr<Schema>) -> Value {
        self.value("", &serde_json::to_value(schema).unwrap_or_default())
    }

    fn value(&self, name: &str, schema: &Value) -> Value {
        let first = |key: &str| schema[key].as_array().and_then(|all| all.first());
        if let Some(told) = schema
            .get("example")
            .or(first("examples"))
            .or(schema.get("const"))
        {
            return told.clone();
        }
        if let Some((_, known)) = FIELDS.iter().find(|(field, _)| *field == name) {
            return serde_json::from_str(known).unwrap_or_default();
        }
        if let Some(one) = first("enum").or(schema.get("default")) {
            return one.clone();
        }
        if let Some(target) = schema["$ref"].as_str().and_then(|path| path.rsplit('/').next()) {
            return self.value("", &self.0[target]);
        }
        let variants = schema["oneOf"].as_array().or(schema["anyOf"].as_array());
        if let Some(variant) = variants.and_then(|all| all.iter().find(|v| v["type"] != "null")) {
            return self.value(name, variant);
        }
        if let Some(parts) = schema["allOf"].as_array() {
            let objects = parts.iter().map(|part| self.value("", part));
            let fields = objects.filter_map(|part| part.as_object().cloned()).flatten();
            return Value::Object(fields.collect());
        }
        self.by_type(schema)
    }

    fn by_type(&self, schema: &Value) -> Value {
        let kind = match &schema["type"] {
            Value::Array(kinds) => kinds.iter().find(|kind| *kind != "null").unwrap_or(&Value::Null),
            kind => kind,
        };
        match kind.as_str().unwrap_or_default() {
            "object" => self.object(schema),
            "array" => json!([self.value("", &schema["items"])]),
            "boolean" => json!(true),
            "integer" | "number" => schema.get("minimum").cloned().unwrap_or(json!(1)),
            "string" => match schema["format"].as_str().unwrap_or_default() {
                "uuid" => json!(ID),
                "date" => json!("2020-05-20"),
                "date-time" => json!("2020-05-20T04:00:00Z"),
                _ => json!("说明"),
            },
            _ => Value::Null,
        }
    }

    fn object(&self, schema: &Value) -> Value {
        let mut fields = Map::new();
        for (name, field) in schema["properties"].as_object().into_iter().flatten() {
            fields.insert(name.clone(), self.value(name, field));
        }
        Value::Object(fields)
    }
}
