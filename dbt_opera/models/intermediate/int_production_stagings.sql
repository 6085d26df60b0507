with credits as (
    select * from {{ ref('int_credits') }}
    where function = 'director' and not has_nights
),

productions as (
    select distinct
        mention_id,
        production_id,
        company_id,
        works_key,
        presentation_key
    from {{ ref('int_mention_productions') }}
),

-- A staging is who staged which works where; it lasts as long as it is revived. A concert has none.
directed as (
    select
        productions.production_id,
        productions.company_id,
        productions.works_key,
        jsonb_agg(distinct credits.performer_id order by credits.performer_id)::text as directors_key
    from productions
    inner join credits on productions.mention_id = credits.mention_id
    where productions.presentation_key <> 'concert'
    group by productions.production_id, productions.company_id, productions.works_key
),

keyed as (
    select
        production_id,
        company_id,
        {{ key('staging', ['company_id', 'works_key', 'directors_key']) }} as staging_id
    from directed
)

select * from keyed
