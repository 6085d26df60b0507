{{ config(materialized='view') }}

with evidence as (
    select * from {{ ref('core_evidence') }}
),

public as (
    select
        id as evidence_id,
        entity,
        entity_id,
        column_name,
        value,
        quote,
        page_url,
        status,
        xpath,
        first_seen_at,
        seen_at
    from evidence
)

select * from public
