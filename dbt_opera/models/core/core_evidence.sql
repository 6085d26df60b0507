{{ config(materialized='view') }}

with objects as (
    select * from {{ ref('int_entity_sources') }}
),

leaves as (
    select * from {{ ref('stg_evidence') }}
    where is_latest
),

pages as (
    select * from {{ ref('int_sources') }}
),

sources as (
    select
        objects.entity,
        objects.entity_id,
        objects.extraction_id,
        objects.pointer,
        pages.url,
        pages.scraped_at,
        pages.last_seen_at
    from objects
    inner join pages on objects.extraction_id = pages.extraction_id
),

columns_filled as (
    select * from {{ ref('evidence_columns') }}
),

found as (
    select
        sources.entity,
        sources.entity_id,
        columns_filled.column_name,
        leaves.value,
        leaves.quote,
        sources.url as page_url,
        leaves.status,
        leaves.block,
        leaves.xpath,
        leaves.pointer as source_pointer,
        leaves.extraction_id as source_extraction_id,
        sources.scraped_at as first_seen_at,
        sources.last_seen_at as seen_at,
        -- Several versions of a page may state it; when they were fetched is no part of its key.
        row_number() over (
            partition by sources.entity, sources.entity_id, columns_filled.column_name, sources.url, leaves.pointer
            order by sources.scraped_at, leaves.extraction_id
        ) as version_number
    from sources
    inner join leaves
        on sources.extraction_id = leaves.extraction_id and sources.pointer = leaves.object_pointer
    inner join columns_filled
        on sources.entity = columns_filled.entity and leaves.object_field = columns_filled.field
),

evidence as (
    select
        {{ key('evidence', ['entity', 'entity_id', 'column_name', 'page_url', 'source_pointer', 'version_number']) }}
            as id,
        entity,
        entity_id,
        column_name,
        value,
        quote,
        page_url,
        status,
        block,
        xpath,
        source_pointer,
        source_extraction_id,
        first_seen_at,
        seen_at
    from found
)

select * from evidence
