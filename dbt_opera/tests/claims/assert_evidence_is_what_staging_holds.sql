{# Independent of the gate: each row of evidence is looked up in the extraction as the crawl stored it. #}
with evidence as (
    select * from {{ ref('core_evidence') }}
),

extractions as (
    select * from {{ source('staging', 'stg_llm_extractions') }}
),

stored as (
    select
        evidence.id,
        evidence.source_pointer,
        extractions.evidence -> evidence.source_pointer ->> 'status' as status,
        extractions.raw_response #>> string_to_array(ltrim(evidence.source_pointer, '/'), '/') as value,
        evidence.value as believed_value,
        jsonb_array_length(extractions.raw_response -> 'productions') as productions_count
    from evidence
    left join extractions on evidence.source_extraction_id = extractions.id
),

unfounded as (
    select *
    from stored
    where
        value is distinct from believed_value
        or status is null
        or status not in ('verified', 'section', 'inferred', 'reviewed', 'elsewhere')
        or (status = 'elsewhere' and (productions_count <> 1 or source_pointer !~ '^/productions/0/[a-z_]+$'))
)

select * from unfounded
