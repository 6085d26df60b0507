{# Independent of the gate: each row of evidence is looked up in the extraction as the crawl stored it. #}
with evidence as (
    select * from {{ ref('core_evidence') }}
),

extractions as (
    select * from {{ source('staging', 'stg_llm_extractions') }}
),

-- Every leaf of every extraction, opened once: each look-up for itself would read the whole document again.
stored as (
    select
        extractions.id as extraction_id,
        leaf.pointer,
        leaf.evidence ->> 'status' as status,
        document.raw_response #>> string_to_array(ltrim(leaf.pointer, '/'), '/') as value,
        case
            when leaf.evidence ->> 'status' = 'elsewhere'
                then jsonb_array_length(document.raw_response -> 'productions')
        end as productions_count
    from extractions
    cross join lateral {{ read_once('extractions', ['raw_response', 'evidence']) }} as document
    cross join lateral jsonb_each(document.evidence) as leaf (pointer, evidence)
    where extractions.raw_response is not null
),

compared as (
    select
        evidence.id,
        evidence.source_pointer,
        evidence.value as believed_value,
        stored.status,
        stored.value,
        stored.productions_count
    from evidence
    left join stored
        on evidence.source_extraction_id = stored.extraction_id and evidence.source_pointer = stored.pointer
),

unfounded as (
    select *
    from compared
    where
        value is distinct from believed_value
        or status is null
        or status not in ('verified', 'section', 'inferred', 'reviewed', 'elsewhere')
        or (status = 'elsewhere' and (productions_count <> 1 or source_pointer !~ '^/productions/0/[a-z_]+$'))
)

select * from unfounded
