with productions as (
    select * from {{ ref('int_mention_productions') }}
    where season_id is not null
),

mentions as (
    select * from {{ ref('int_mentions') }}
),

clock as (
    select * from {{ ref('int_clock') }}
),

merged as (
    select
        productions.season_id as id,
        productions.company_id,
        productions.season_start as start_date,
        productions.season_end as end_date,
        bool_or(
            {{ printed_season('mentions.season') }}
            = extract(year from productions.season_start) || case
                when extract(year from productions.season_end) = extract(year from productions.season_start) then '/1'
                else '/2'
            end
        ) as is_printed,
        {{ first_known('mentions.extraction_id', 'mentions.pick_rank') }} as source_extraction_id,
        {{ first_known('mentions.pointer', 'mentions.pick_rank') }} as source_pointer,
        {{ audit_columns('mentions') }}
    from productions
    inner join mentions on productions.mention_id = mentions.mention_id
    group by productions.season_id, productions.company_id, productions.season_start, productions.season_end
),

labelled as (
    select
        merged.id,
        merged.company_id,
        case
            when extract(year from merged.start_date) = extract(year from merged.end_date)
                then to_char(merged.start_date, 'YYYY')
            else to_char(merged.start_date, 'YYYY') || '/' || to_char(merged.end_date, 'YY')
        end as season_name,
        merged.start_date,
        merged.end_date,
        coalesce(clock.today between merged.start_date and merged.end_date, false) as is_current,
        case when merged.is_printed then 'normalised' else 'provisional' end as resolution,
        case when merged.is_printed then 1.00 else 0.80 end::numeric(3, 2) as resolution_score,
        merged.source_extraction_id,
        merged.source_pointer,
        merged.created_at,
        merged.updated_at,
        merged.last_confirmed_at
    from merged
    cross join clock
)

select * from labelled
