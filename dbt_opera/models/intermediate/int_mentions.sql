with productions as (
    select * from {{ ref('stg_productions') }}
    where is_latest
),

sources as (
    select * from {{ ref('int_sources') }}
),

events as (
    select * from {{ ref('int_events') }}
),

numbered as (
    select
        productions.extraction_id::text || productions.pointer as mention_id,
        productions.extraction_id,
        productions.pointer,
        sources.company_id,
        sources.url,
        sources.page_type,
        sources.language as page_language,
        sources.scraped_at,
        sources.last_seen_at,
        sources.first_scraped_at,
        sources.source_rank * 1000000 + productions.position as pick_rank,
        sources.newest_rank * 1000000 + productions.position as newest_rank,
        productions.opera_title,
        productions.composer,
        productions.librettist,
        productions.production_title,
        productions.season,
        productions.language,
        coalesce(productions.genre, events.genre) as genre,
        case
            when productions.genre is not null then 'printed'
            when events.genre is not null then events.genre_basis
        end as genre_basis,
        productions.venue,
        productions.city,
        productions.production_type,
        productions.presentation,
        productions.is_family,
        productions.is_world_premiere,
        productions.premiere_date,
        productions.closing_date,
        productions.duration_minutes,
        productions.intermissions
    from productions
    inner join sources on productions.extraction_id = sources.extraction_id
    left join events on productions.extraction_id = events.extraction_id and productions.pointer = events.pointer
    -- Talks, tours and workshops are no evenings of a work; all else reaches core, whatever its genre.
    where coalesce(productions.genre, events.genre) is distinct from 'education'
)

select * from numbered
